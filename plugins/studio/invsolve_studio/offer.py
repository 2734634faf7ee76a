"""`Offer`: what is installed, as plain data, so that the web server imports no torch."""

from pathlib import Path
from typing import Any, final

import attrs

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import Faulty
from invsolve.recipe.node import plain
from invsolve.recipe.schema import schema_of
from invsolve_studio.command_form import command_fields
from invsolve_studio.form import Field, groups
from invsolve_studio.rules import foreign
from invsolve_studio.situation import SITUATIONS


@final
@attrs.frozen
class Offer:
    """What is installed.

    Attributes:
        schema: Of recipes, with every component.
        recipes: Installed recipes that a visitor may run, by name, as plain data.
        commands: Options of the commands that situations use, as far as those are installed.
    """

    schema: dict[str, Any]
    recipes: dict[str, dict[str, Any]]
    commands: dict[str, tuple[Field, ...]]

    @classmethod
    def surveyed(cls) -> "Offer":
        """Look at all that is installed; imports every component."""
        catalog = Catalog.discover()
        schema = schema_of(catalog)
        return cls(schema, _recipes(catalog, schema), _commands(catalog))


def _recipes(catalog: Catalog, schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Those that name no files, and whose parts are all installed."""
    found: dict[str, dict[str, Any]] = {}
    for recipe in catalog.recipes:
        try:
            data = plain(read_extended(recipe.path))
        except Faulty:
            continue
        parts = groups(data, schema)
        if not list(foreign(data, Path("/"))) and all(part.name in part.choices for part in parts if part.name):
            found[recipe.name] = {key: value for key, value in data.items() if key not in ("name", "extends")}
    return found


def _commands(catalog: Catalog) -> dict[str, tuple[Field, ...]]:
    found = {}
    for situation in SITUATIONS.values():
        try:
            if situation.command:
                found[situation.command] = command_fields(catalog.load("command", situation.command))
        except InvsolveError:
            continue
    return found
