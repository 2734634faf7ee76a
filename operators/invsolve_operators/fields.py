"""Validators and converters of operator fields: every refusal names the field, its value and what would do."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from torch import Tensor

from invsolve.errors import ComponentError, did_you_mean

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]
Nested = tuple[Any, ...]
"""Nested tuples of numbers: an array as plain data."""


def _owner(component: object, field: "attrs.Attribute[Any]") -> str:
    return f"{type(component).__name__}.{field.name}"


def whole(minimum: int, maximum: int | None = None) -> Validator:
    """A whole number, at least `minimum` and at most `maximum`."""
    wanted = f">= {minimum}" if maximum is None else f"from {minimum} to {maximum}"

    def check(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
        if type(value) is not int or value < minimum or (maximum is not None and value > maximum):
            raise ComponentError(f"{_owner(component, field)} must be a whole number {wanted}, got {value!r}.")

    return check


def number(*, above: float | None = None, at_least: float | None = None, at_most: float | None = None) -> Validator:
    """A finite number within bounds."""
    limits = ((">", above), (">=", at_least), ("<=", at_most))
    wanted = " and ".join(f"{sign} {bound:g}" for sign, bound in limits if bound is not None)

    def check(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and bool(np.isfinite(value))
            and (above is None or value > above)
            and (at_least is None or value >= at_least)
            and (at_most is None or value <= at_most)
        )
        if not fits:
            raise ComponentError(f"{_owner(component, field)} must be a finite number {wanted}, got {value!r}.")

    return check


def optional(check: Validator) -> Validator:
    """None, or what `check` accepts."""

    def check_given(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
        if value is not None:
            check(component, field, value)

    return check_given


def one_of(*names: str) -> Validator:
    """One of a few words."""

    def check(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
        if value not in names:
            hint = did_you_mean(str(value), names)
            raise ComponentError(f"{_owner(component, field)} must be one of {', '.join(names)}, got {value!r}.{hint}")

    return check


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
