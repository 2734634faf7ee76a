"""Running a recipe, and the record it leaves."""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

if TYPE_CHECKING:
    from invsolve.record.bibliography import bibliography as bibliography
    from invsolve.record.execution import execute as execute
    from invsolve.record.run_folder import RunFolder as RunFolder
    from invsolve.record.solution_dataset import SolutionDataset as SolutionDataset

__getattr__, __dir__ = lazy_imports(__name__)
