"""What a caller handed over: the checks that name the argument, what it must be, and what it was."""

import operator

from invsolve.errors import ComponentError, article

SHORT = 60


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
