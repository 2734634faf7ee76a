"""Arrays as plain data: nested tuples of numbers, which compare by value, or the path of a file that holds them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from torch import Tensor

from invsolve.arrays.file import Array, read_array
from invsolve.errors import ComponentError, ReadError
from invsolve.validators import as_path

Nested: TypeAlias = tuple[Any, ...]  # of floats, or of nested tuples
Vector: TypeAlias = tuple[float, ...]
Matrix: TypeAlias = tuple[Vector, ...]
Video: TypeAlias = tuple[tuple[Matrix, ...], ...]  # c t h w
Given: TypeAlias = Any  # nested lists or tuples, a numpy array or a torch tensor

_AXES: Final = {
    1: "one axis",
    2: "two axes, rows and columns",
    3: "three axes: k matrices of rows and columns",
    4: "the four axes c t h w",
    5: "the five axes k c t h w",
}


def nested(given: Given) -> Nested | None:
    """Numbers as nested lists, a numpy array or a tensor become nested tuples of floats; None stays None.

    Raises:
        ComponentError: for anything that is not a number, and for a number without an axis.
    """
    if given is None:
        return None
    if isinstance(given, Tensor):
        given = given.detach().cpu().numpy()
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ComponentError(f"an array must be a list of numbers or of lists, got {given!r}.")
    return tuple(_plain(item) for item in given)


def nested_of(given: Given, axes: int) -> Nested:
    """As `nested`, for an array of so many axes; raises `ComponentError` as `as_array` does too."""
    values = nested(given) or ()
    as_array(values, "an array", (axes,))
    return values


def vector(given: Given) -> Vector:
    """Numbers along one axis."""
    return nested_of(given, 1)


def matrix_or_file(given: Given) -> Path | Matrix:
    """A path as it is; anything else as rows of numbers."""
    return Path(given) if isinstance(given, str | Path) else nested_of(given, 2)


def matrices_or_file(given: Given) -> Path | tuple[Matrix, ...]:
    """A path as it is; anything else as several matrices."""
    return Path(given) if isinstance(given, str | Path) else nested_of(given, 3)


def video_or_file(given: Given) -> Path | Video:
    """A path as it is; anything else as numbers over ``c t h w``."""
    return Path(given) if isinstance(given, str | Path) else nested_of(given, 4)


def videos_or_file(given: Given) -> Path | tuple[Video, ...]:
    """A path as it is; anything else as numbers over ``k c t h w``."""
    return Path(given) if isinstance(given, str | Path) else nested_of(given, 5)


def as_array(values: Nested, what: str, axes: tuple[int, ...]) -> Array:
    """Nested tuples as a float64 array with one of the given numbers of axes; `what` names the field in the message.

    Raises:
        ComponentError: for rows that differ in length, another number of axes, and values that are not finite.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except ValueError as error:
        raise ComponentError(f"{what} must be a rectangular array, with rows of equal length: {error}.") from None
    return _checked(array, what, axes)


def array_of(field: Path | Nested, what: str, axes: int | None) -> Array:
    """The numbers of a field in float64, read from its file if it names one.

    Args:
        what: the field's name, and the array's name in a file that holds several.
        axes: how many axes they must have; None for any number.

    Raises:
        ReadError: for a file that is missing or holds no such array.
        ComponentError: for another number of axes and for values that are not finite.
    """
    allowed = None if axes is None else (axes,)
    if not isinstance(field, Path):
        return _checked(np.asarray(field, dtype=np.float64), what, allowed)
    try:
        array = read_array(field, usual=what)
    except ReadError as error:
        raise ReadError(f"{what}: {error}") from error.__cause__
    if axes == 1 and array.ndim == 2 and 1 in array.shape:
        array = array.ravel()  # numbers in one row or one column of a text
    return _checked(array, f"{what} in {field}", allowed)


def shown(value: Path | Nested | float | None) -> str:
    """A ``repr`` that evaluates back: a path as its string."""
    return repr(str(value)) if isinstance(value, Path) else repr(value)


def path(value: object) -> Path | None:
    """`as_path`, or None."""
    return None if value is None else as_path(value)


def whole_numbers(value: Sequence[int] | None) -> tuple[int, ...] | None:
    """A list of whole numbers as a tuple; raises `ComponentError` for anything else but None."""
    if value is None:
        return None
    if isinstance(value, str) or not all(type(item) is int for item in value):
        raise ComponentError(f"expected a list of whole numbers, got {value!r}.")
    return tuple(value)


def _plain(item: Any) -> Any:
    if isinstance(item, np.ndarray | Tensor):
        item = item.tolist()
    if isinstance(item, Sequence) and not isinstance(item, str):
        return tuple(_plain(inner) for inner in item)
    if isinstance(item, bool) or not isinstance(item, int | float | np.number):
        raise ComponentError(f"an array must hold numbers, got {item!r}.")
    return float(item)


def _checked(array: Array, what: str, axes: tuple[int, ...] | None) -> Array:
    if (axes is not None and array.ndim not in axes) or array.size == 0:
        expected = "some numbers" if axes is None else " or ".join(_AXES[count] for count in axes) + ", none empty"
        raise ComponentError(f"{what} has shape {array.shape}; expected {expected}.")
    broken = ~np.isfinite(array)
    if broken.any():
        first = tuple(int(i) for i in np.argwhere(broken)[0])
        raise ComponentError(f"{what} holds {int(broken.sum())} NaN or infinite values, the first at {first}.")
    return array
