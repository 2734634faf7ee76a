"""Validators of fields and arguments: the message names what was wrong, its value, and what to do."""

import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, get_args

import attrs

from invsolve.errors import ComponentError, article, did_you_mean

Bound = int | float | None
SHORT: Final = 60  # characters of a value that a message shows as it is

Validator = Callable[[Any, "attrs.Attribute[Any]", object], None]


def _name(component: Any, field: "attrs.Attribute[Any]") -> str:
    return f"{type(component).__name__}.{field.name}"


def number(*, least: Bound = None, above: Bound = None, most: Bound = None, below: Bound = None) -> Validator:
    """A finite number within bounds: ``least <= x``, ``above < x``, ``x <= most``, ``x < below``."""
    bounds = ((least, ">="), (above, ">"), (most, "<="), (below, "<"))
    said = " and".join(f" {sign} {bound:g}" for bound, sign in bounds if bound is not None)

    def check(component: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not (
            good
            and (least is None or value >= least)
            and (above is None or value > above)
            and (most is None or value <= most)
            and (below is None or value < below)
        ):
            raise ComponentError(f"{_name(component, field)} must be a finite number{said}, got {shown(value)}.")

    return check


def whole(*, least: int, most: int | None = None) -> Validator:
    """An integer of at least `least` and at most `most`."""
    said = f">= {least}" if most is None else f"from {least} to {most}"

    def check(component: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        good = isinstance(value, int) and not isinstance(value, bool)
        if not (good and value >= least and (most is None or value <= most)):
            raise ComponentError(f"{_name(component, field)} must be a whole number {said}, got {shown(value)}.")

    return check


def literal(choices: Any) -> Validator:
    """One of the values of a ``Literal``, the field's own type: ``attrs.field(validator=literal(Spacing))``."""

    def check(component: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        check_choice(_name(component, field), value, get_args(choices))

    return check


def instance(wanted: type) -> Validator:
    """An instance of a class, such as another component."""

    def check(component: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        check_type(_name(component, field), value, wanted)

    return check


def optional(check: Validator) -> Validator:
    """None, or what `check` accepts."""

    def check_given(component: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        if value is not None:
            check(component, field, value)

    return check_given


def check_type(what: str, value: object, wanted: type) -> None:
    """Raise `ComponentError` unless `value` is an instance of `wanted`; `what` names the argument."""
    if isinstance(value, wanted):
        return
    hint = ""
    if isinstance(value, type) and issubclass(value, wanted):
        hint = f" Make one: {value.__name__}(...)."
    elif isinstance(value, str):
        hint = " Names belong in recipes; Python takes the object itself."
    elif type(value).__name__ == "ndarray" and wanted.__name__ == "Tensor":
        hint = " Write torch.from_numpy(array)."
    raise ComponentError(f"{what} must be {article(wanted.__name__)}, got {shown(value)}.{hint}")


def check_choice(what: str, value: object, choices: tuple[str | int, ...]) -> None:
    """Raise `ComponentError` unless `value` is one of `choices`; `what` names the argument."""
    if isinstance(value, str | int) and not isinstance(value, bool) and value in choices:
        return
    words = [str(choice) for choice in choices]
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    raise ComponentError(f"{what} must be one of {', '.join(words)}, got {shown(value)}.{hint}")


def whole_number(what: str, value: object, least: int) -> int:
    """`value` as an int of at least `least`, from any integer type; raises `ComponentError` for anything else."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # what has no index raises
    except TypeError:
        raise ComponentError(f"{what} must be a whole number from {least}, got {shown(value)}.") from None
    if number < least:
        raise ComponentError(f"{what} must be a whole number from {least}, got {number}.")
    return number


def shown(value: object) -> str:
    """`value` in few words: a short text or number as it is written, of anything else the type."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or (isinstance(value, str | int | float) and len(repr(value)) <= SHORT):
        return repr(value)
    return article(type(value).__name__)


def as_path(value: object) -> Path:
    """`value` as a path, a string too (attrs converter); raises `ComponentError` for anything else."""
    if isinstance(value, str | Path):
        return Path(value)
    raise ComponentError(f"a path must be a string or a Path, got {shown(value)}.")
