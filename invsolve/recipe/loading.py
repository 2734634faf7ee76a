"""`load`: from a file to checked recipes."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from invsolve.errors import RecipeError, did_you_mean
from invsolve.plugin import Catalog
from invsolve.recipe.component import structure_fields
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import BadRecipe, Fault, Faulty, gathered
from invsolve.recipe.fields import recipe_fields
from invsolve.recipe.named import hint_at_installed, recipe_file
from invsolve.recipe.node import Entry, Scalar, Table
from invsolve.recipe.override import SWEEPS, UNSETTABLE, override
from invsolve.recipe.recipe import Recipe
from invsolve.recipe.structure import structuring
from invsolve.recipe.sweep import expand

KEYS: Final = (*UNSETTABLE, *SWEEPS)
"""Keys of a recipe that say how to read it."""


def load(path: str | Path, overrides: Iterable[str] = (), catalog: Catalog | None = None) -> tuple[Recipe, ...]:
    """Read a recipe: every problem it stands for, one unless it has a `sweep` or `zip`.

        (recipe,) = load("recipes/deblur.yaml", ["sampler.steps=50"])

    Args:
        path: a recipe file, the name of an installed recipe, or the folder of a run, whose `resolved.yaml` is read.
        overrides: `PATH=VALUE` each, as `--set` takes them; relative paths in them start from the current directory.
        catalog: where the names come from; by default what is installed.

    Raises:
        BadRecipe: with every fault that was found, which is a `RecipeError`.
    """
    catalog = catalog or Catalog.discover()
    file = recipe_file(path, catalog)
    faults: list[Fault] = []
    recipes: list[Recipe] = []
    try:
        table = override(read_extended(file, catalog), overrides, Path.cwd(), faults)
    except Faulty as found:
        hint = hint_at_installed(file, catalog)
        raise BadRecipe([attrs.evolve(f, message=f.message + hint) for f in found.faults], str(file)) from None
    faults += _version(table)
    structure = structuring(catalog)
    for variant in expand(table, faults):
        with gathered(faults):
            given = {"label": variant.label, "source": file, "catalog": catalog}
            faults += _unknown(variant.table)
            recipes.append(structure_fields(_fields(variant.table, file), Recipe, structure, given))
    if faults:
        raise BadRecipe(faults, str(file))
    return tuple(recipes)


def load_one(path: str | Path, overrides: Iterable[str] = (), catalog: Catalog | None = None) -> Recipe:
    """Read a recipe that stands for one problem.

    Raises:
        BadRecipe: as `load`.
        RecipeError: if it has a sweep.
    """
    recipes = load(path, overrides, catalog)
    if len(recipes) != 1:
        raise RecipeError(
            f"{path}: expected one problem, but its sweep expands to {len(recipes)}. Choose by overrides, or write "
            f"them out with `invsolve recipe expand {path}`."
        )
    return recipes[0]


def _version(table: Table) -> list[Fault]:
    if table.get("recipe") is not None:
        return []
    return [Fault(table.origin, "recipe", "missing; write `recipe: 1` in the first line.")]


def _unknown(table: Table) -> list[Fault]:
    known = [*KEYS, *(field.key for field in recipe_fields(Recipe))]
    return [
        Fault(entry.key_origin, key, f"unknown key.{did_you_mean(key, known)} Keys: {', '.join(known)}.")
        for key, entry in table.entries.items()
        if key not in known
    ]


def _fields(table: Table, file: Path) -> Table:
    known = {field.key for field in recipe_fields(Recipe)}
    table = table.without(*(key for key in table.entries if key not in known))
    if table.get("name") is not None:
        return table
    return table.having("name", Entry(table.origin, Scalar(file.stem, table.origin)))
