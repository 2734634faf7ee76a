"""`require_own`: a visitor's recipe names no file of the server."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from invsolve.errors import RecipeError

_ELSEWHERE: Final = re.compile(r"[/\\~$%\x00]|^\s*\.|^[A-Za-z]:")
"""What a name must contain to lead out of the folder that it is read in: separators, a home, a variable, a drive."""


def foreign(data: Any, folder: Path, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a recipe that may name a file outside of `folder`, with its place.

    A name without a separator is looked up beside the recipe, where nothing lies but the visitor's own file. A field
    that is read from the server's working directory instead would find what is there, so that such names are refused
    too. Keys count as well: they may name things in mappings of their own.

    Args:
        data: A recipe as plain data.
        folder: Where the recipe lies.
        place: Of `data` in the recipe.
    """
    if isinstance(data, dict):
        for key, value in data.items():
            inner = f"{place}.{key}" if place else str(key)
            yield from foreign(str(key), folder, inner)
            yield from foreign(value, folder, inner)
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from foreign(value, folder, f"{place}.{number}")
    elif isinstance(data, str) and (_ELSEWHERE.search(data) or _is_here(data, folder)):
        yield place, data


def require_own(data: Any, folder: Path) -> None:
    """Raise `RecipeError` where a recipe names anything that is not the visitor's own file."""
    found = list(foreign(data, folder))
    if found:
        named = ", ".join(f"{place}: {text[:60]!r}" for place, text in found[:5])
        raise RecipeError(
            f"in the studio a recipe may name your own file and installed parts, but no other file, folder or model:"
            f" {named}. Run it with `invsolve run` on a machine of yours."
        )


def _is_here(text: str, folder: Path) -> bool:
    """Whether the server's working directory holds something of that name, which is not the recipe's folder."""
    try:
        return bool(text) and not (folder / text).exists() and Path(text).exists()
    except (OSError, ValueError):
        return True
