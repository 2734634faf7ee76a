"""The names of a video's axes, and the field that gives an array's axes in order."""

from typing import Any, Final

from invsolve.errors import ComponentError

AXES: Final = "b c t h w"


def check_axes(_: Any, field: Any, value: Any) -> None:
    """Validate a field ``axes`` (attrs validator)."""
    names = str(value).split()
    if len(set(names)) != len(names) or not {"h", "w"} <= set(names) <= set(AXES.split()):
        raise ComponentError(
            f"{field.name} must name h, w and any of b, c, t once each, like 't h w c', got {value!r}."
        )
