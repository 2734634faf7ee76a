"""`Clip`: one of many inputs of the same recipe."""

import re
import zlib
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.errors import ReadError, RecipeError
from invsolve.media import Reader, SimulateReader
from invsolve.recipe import Recipe

_RANGE: Final = re.compile(r"(\d+)\.\.(\d+)")
MOST: Final = 1_000_000


@final
@attrs.frozen
class Clip:
    """One input of a recipe.

    Attributes:
        name: what its files are called.
        number: keys the noise of its observation and of its samples; different for every clip.
        recipe: the recipe with this input.
    """

    name: str
    number: int
    recipe: Recipe


def numbered_clips(recipe: Recipe, span: range) -> tuple[Clip, ...]:
    """The clips of a reader that counts them in a field ``index``, such as `blocksworld`.

    Raises:
        RecipeError: where the recipe's reader has none.
    """
    return tuple(_clip(recipe, f"{number:06d}", number, "index", number) for number in span)


def folder_clips(recipe: Recipe, folder: Path) -> tuple[Clip, ...]:
    """The files of a folder, in the order of names, each read as the recipe's own reader reads its ``path``.

    Files whose names end otherwise than that reader's are left out, as a readme is, unless all are.

    Raises:
        RecipeError: where that reader has no ``path``.
        ReadError: for a folder without anything in it.
    """
    try:
        files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise ReadError(f"{folder} is not a folder of clips: {error.strerror}.") from error
    if not files:
        raise ReadError(f"{folder} is empty.")
    known = [file for file in files if file.suffix.lower() in _suffixes(recipe.input)]
    files = known or files
    return tuple(_clip(recipe, file.name, zlib.crc32(file.name.encode()), "path", file) for file in files)


def _suffixes(reader: Reader) -> tuple[str, ...]:
    return _suffixes(reader.from_) if isinstance(reader, SimulateReader) else reader.suffixes


def parse_range(text: str) -> range:
    """``"A..B"`` is the clips A to B - 1; raises `RecipeError` for anything else."""
    match = _RANGE.fullmatch(text.strip())
    if match is not None and (len(match[0]) > 2 * len(str(MOST)) + 2 or int(match[2]) > MOST):
        raise RecipeError(f"clips are counted to {MOST:,} at most, got {text.strip()[:40]!r}.")
    if match is None or int(match[1]) >= int(match[2]):
        hint = f" For the clips in a folder write `--folder {text}`." if Path(text).exists() else ""
        raise RecipeError(
            f"clips are a range A..B of numbers from 0, such as 0..200 (the last is 199), got {text!r}.{hint}"
        )
    return range(int(match[1]), int(match[2]))


def _clip(recipe: Recipe, name: str, number: int, field: str, value: int | Path) -> Clip:
    reader = _placed(recipe.input, field, value, recipe)
    if isinstance(reader, SimulateReader) and reader.seed is None:
        # or every clip would have the same noise
        reader = attrs.evolve(reader, seed=recipe.seed + number)
    return Clip(name, number, attrs.evolve(recipe, input=reader))


def _placed(reader: Any, field: str, value: int | Path, recipe: Recipe) -> Reader:
    if isinstance(reader, SimulateReader):
        return attrs.evolve(reader, from_=_placed(reader.from_, field, value, recipe))
    if field not in {each.name for each in attrs.fields(type(reader))}:
        name = recipe.catalog.name_of(type(reader))
        other = "a folder of clips" if field == "index" else "a range of numbers"
        raise RecipeError(f"the reader {name!r} of {recipe.name} has no field {field!r}; perhaps {other} is meant.")
    placed: Reader = attrs.evolve(reader, **{field: value})
    return placed
