"""Converters of operator fields: arrays, whole numbers and files as plain data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from invsolve.errors import ComponentError

Nested = tuple[Any, ...]
"""Nested tuples of numbers: an array as plain data."""


def nested(value: Any) -> Nested | None:
    """Numbers as a list of lists, a numpy array or a tensor become nested tuples of floats, equal by value."""
    if value is None:
        return None
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ComponentError(f"an array must be a list of numbers or of lists, got {value!r}.")
    return tuple(_plain(item) for item in value)


def _plain(item: Any) -> Any:
    if isinstance(item, Sequence) and not isinstance(item, str):
        return tuple(_plain(inner) for inner in item)
    if isinstance(item, bool) or not isinstance(item, int | float | np.number):
        raise ComponentError(f"an array must hold numbers, got {item!r}.")
    return float(item)


def whole_numbers(value: Sequence[int] | None) -> tuple[int, ...] | None:
    """A list of whole numbers as a tuple."""
    if value is None:
        return None
    if isinstance(value, str) or not all(type(item) is int for item in value):
        raise ComponentError(f"expected a list of whole numbers, got {value!r}.")
    return tuple(value)


def as_array(values: Nested, what: str, dimensions: tuple[int, ...]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Nested tuples as a float64 array of one of the given numbers of axes; `what` names the field in the message."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except ValueError as error:
        raise ComponentError(f"{what} must be a rectangular array; its rows differ in length.") from error
    if array.ndim not in dimensions or array.size == 0:
        wanted = " or ".join(str(dimension) for dimension in dimensions)
        raise ComponentError(f"{what} must be an array of {wanted} axes with no axis empty, got shape {array.shape}.")
    if not np.isfinite(array).all():
        raise ComponentError(f"{what} must hold finite numbers.")
    return array


def path(value: str | Path | None) -> Path | None:
    """A file's path, from a string as well."""
    return None if value is None else Path(value)


def path_repr(value: Path | None) -> str:
    """A path as the string that gives it back."""
    return repr(None if value is None else str(value))
