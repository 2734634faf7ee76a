"""Abstract `RecipeForm`: recipes of another form than that of a problem, such as those that train a network."""

import abc
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from invsolve.parts import Part
from invsolve.plugin import Catalog
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import BadRecipe, Faulty
from invsolve.recipe.named import RESOLVED, recipe_file


class RecipeForm(Part):
    """A form of recipes that `invsolve recipe check` knows.

    A form is a component without fields.

    Attributes:
        key: a top-level key that every recipe of this form has, and no recipe of another form.
    """

    key: ClassVar[str]

    @abc.abstractmethod
    def check(self, path: Path, overrides: Iterable[str]) -> str:
        """Read the recipe at `path` with its `overrides`, and say in a few words what it is.

        Raises:
            RecipeError: with everything that is wrong with it.
        """


def form_of(path: Path, catalog: Catalog) -> RecipeForm | None:
    """The form of the recipe at `path`, or None for that of a problem.

    Raises:
        RecipeError: for an unreadable file.
    """
    names = catalog.names("recipe_form")
    file = recipe_file(path, catalog)
    if not names or file.is_dir() or file.name == RESOLVED:
        return None
    try:
        table = read_extended(file, catalog)
    except Faulty as found:
        raise BadRecipe(found.faults, str(path)) from None
    forms = (catalog.load("recipe_form", name) for name in names)
    return next((form() for form in forms if form.key in table.entries), None)
