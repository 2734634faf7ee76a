"""Running a recipe, and the record it leaves."""

from typing import TYPE_CHECKING, Any

from invsolve.plugin import lazy_exports

if TYPE_CHECKING:
    from invsolve.record.bibliography import bibliography as bibliography
    from invsolve.record.execution import execute as execute
    from invsolve.record.run_folder import RunFolder as RunFolder

TARGETS = (
    "invsolve.record.bibliography:bibliography",
    "invsolve.record.execution:execute",
    "invsolve.record.run_folder:RunFolder",
)
_lazy, __dir__ = lazy_exports(__name__, (), TARGETS)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    return _lazy(name)
