"""`TrainingForm`: training recipes, for `invsolve recipe check`."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, final

import attrs

from invsolve.recipe.recipe_form import RecipeForm
from invsolve_priors.training.recipe import read_recipe


@final
@attrs.frozen
class TrainingForm(RecipeForm):
    """The recipes of `invsolve train`: those with a `course`."""

    key: ClassVar[str] = "course"

    def check(self, path: Path, overrides: Iterable[str]) -> str:
        """Read it; files that it names are looked for when it is trained."""
        return f"trains {read_recipe(path, overrides).course.steps} steps"
