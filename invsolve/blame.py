"""`raised_in`: which part of a recipe, of which distribution, an error comes from."""

import inspect
import traceback
from types import FrameType
from typing import Final

from invsolve.parts import Part
from invsolve.plugin import Catalog

THIS: Final = ("self", "cls")


def owner_of(kind: type) -> str:
    """The distribution whose package or module a class is from, or that module where no plugin lists it."""
    package = kind.__module__.partition(".")[0]
    if package == "invsolve":
        return package
    for entry in Catalog.discover().entries:
        if entry.component.module.partition(".")[0] == package:
            return entry.distribution
    return package


def raised_in(error: BaseException) -> str | None:
    """``BadPrior.decode of badplug (bad.py:12)``: the innermost method of a part that was at work; None without one."""
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        kind = _part_of(frame)
        if kind is not None:
            code = frame.f_code
            found = f"{kind.__name__}.{code.co_name} of {owner_of(kind)} ({code.co_filename}:{line})"
    return found


def _part_of(frame: FrameType) -> type[Part] | None:
    """The class of the part that a frame is a method of."""
    for name in THIS:
        this = frame.f_locals.get(name)
        kind = this if inspect.isclass(this) else type(this)
        if issubclass(kind, Part):
            return kind
    return None
