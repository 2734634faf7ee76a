"""The differences between two recipes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.plugin import Catalog
from invsolve.recipe.document import read_document
from invsolve.recipe.fault import BadRecipe, Faulty
from invsolve.recipe.loading import load_one
from invsolve.recipe.named import RESOLVED, recipe_file
from invsolve.recipe.node import dotted, plain


@final
@attrs.frozen
class Absent:
    """Stands where one side has nothing."""

    def __str__(self) -> str:
        return "(nothing)"


ABSENT: Final = Absent()


@final
@attrs.frozen
class Difference:
    """One path whose value differs."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before == ABSENT:
            return f"+ {self.path}: {_word(self.after)}"
        if self.after == ABSENT:
            return f"- {self.path}: {_word(self.before)}"
        return f"~ {self.path}: {_word(self.before)} -> {_word(self.after)}"


def differences(before: Any, after: Any, path: str = "") -> tuple[Difference, ...]:
    """Every path at which two pieces of plain data differ, as deep down as they can be told apart."""
    return tuple(_walk(before, after, path))


def recipe_data(path: str | Path, catalog: Catalog | None = None) -> dict[str, Any]:
    """A recipe with all its defaults; of a run, what it was run with, whatever is installed now.

    Raises:
        BadRecipe: with every fault.
        RecipeError: for a folder that is no run.
    """
    file = recipe_file(path, catalog)
    if file.name != RESOLVED:
        return load_one(file, catalog=catalog).resolved
    try:
        data: dict[str, Any] = plain(read_document(file))
    except Faulty as found:
        raise BadRecipe(found.faults, str(file)) from None
    return data


def _walk(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _walk(before.get(key, ABSENT), after.get(key, ABSENT), dotted(path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (side[index] if index < len(side) else ABSENT for side in (before, after))
            yield from _walk(old, new, dotted(path, index))
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after)


def _word(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
