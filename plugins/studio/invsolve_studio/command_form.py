"""The options of a plugin's command that takes a file, as a form."""

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any, Final

from invsolve_studio.form import Asked, Field

_ASKED: Final[dict[Any, Asked]] = {int: "whole", float: "number", bool: "switch", str: "text"}
KEPT: Final = ("quiet", "anyway")  # the studio's own business


def command_fields(command: Callable[..., Any]) -> tuple[Field, ...]:
    """The options of a command that hold a number, a word or a switch.

    Files and folders are left out: those are the server's.
    """
    hints = typing.get_type_hints(command)
    meanings = _meanings(command)
    found = []
    for name, parameter in inspect.signature(command).parameters.items():
        declared, empty = _without_none(hints.get(name))
        if name in KEPT or declared not in _ASKED or parameter.default is inspect.Parameter.empty:
            continue
        found.append(Field((name,), _ASKED[declared], parameter.default, meanings.get(name, ""), (), empty))
    return tuple(found)


def file_parameter(command: Callable[..., Any]) -> str:
    """The name of a command's first parameter, which takes the file."""
    return next(iter(inspect.signature(command).parameters))


def _without_none(declared: Any) -> tuple[Any, bool]:
    if isinstance(declared, types.UnionType) or typing.get_origin(declared) is typing.Union:
        arms = [arm for arm in typing.get_args(declared) if arm is not types.NoneType]
        return (arms[0] if len(arms) == 1 else None), True
    return declared, False


def _meanings(command: Callable[..., Any]) -> dict[str, str]:
    """The docstring's sentence on each option, of whatever style that `docstring_parser` reads."""
    from docstring_parser import parse

    return {each.arg_name: " ".join((each.description or "").split()) for each in parse(command.__doc__ or "").params}
