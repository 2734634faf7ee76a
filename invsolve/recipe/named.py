"""`recipe_file`: the file behind what a command or an `extends` names, a path or the name of an installed recipe."""

import re
from pathlib import Path
from typing import Final

from invsolve.errors import RecipeError, did_you_mean
from invsolve.plugin import Catalog
from invsolve.plugin.discover import canonical
from invsolve.plugin.installed_recipe import InstalledRecipe

RESOLVED: Final = "resolved.yaml"
"""The recipe of a run, in the run's folder, with every default."""
NAME: Final = re.compile(r"(?:[\w.-]+:)?\w[\w-]*")


def recipe_file(path: str | Path, catalog: Catalog | None = None) -> Path:
    """The file to read for `path`: itself, the resolved recipe in the folder of a run, or an installed recipe.

    What is there as a file or a folder wins over an installed recipe of that name.

    Raises:
        RecipeError: for a bare name that neither is there nor installed.
    """
    resolved = Path(path) / RESOLVED
    if resolved.is_file():
        return resolved
    if Path(path).exists() or not NAME.fullmatch(str(path)):
        return Path(path)
    return find_recipe(str(path), catalog or Catalog.discover()).path


def find_recipe(name: str, catalog: Catalog) -> InstalledRecipe:
    """The installed recipe called `name` or `distribution:name`.

    Raises:
        RecipeError: with what resembles it, where there is none or several.
    """
    distribution, _, short = name.rpartition(":")
    namesakes = [recipe for recipe in catalog.recipes if recipe.name == short]
    hits = [r for r in namesakes if not distribution or canonical(r.distribution) == canonical(distribution)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        choices = " or ".join(repr(recipe.qualified) for recipe in hits)
        raise RecipeError(f"several plugins bring a recipe called {short!r}: write {choices} to choose.")
    hint = catalog.elsewhere("recipe", short) or did_you_mean(short, {recipe.name for recipe in catalog.recipes})
    if namesakes:
        hint = f" {' and '.join(repr(recipe.qualified) for recipe in namesakes)} would be found."
    raise RecipeError(
        f"there is no file and no installed recipe called {name!r}.{hint} `invsolve recipe list` shows the installed "
        "ones."
    )


def hint_at_installed(path: Path, catalog: Catalog) -> str:
    """A sentence on the installed recipe that has the name of the file `path`, which is not there; or empty."""
    if path.exists() or not any(recipe.name == path.stem for recipe in catalog.recipes):
        return ""
    return f" There is an installed recipe of this name: write {path.stem!r} instead of the path."
