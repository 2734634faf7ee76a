"""Strict hooks for scalars: the only conversion is from a whole number to a float."""

import math
import typing
from enum import Enum
from pathlib import Path
from typing import Any, Final

from invsolve.errors import did_you_mean
from invsolve.recipe.fault import faulty
from invsolve.recipe.node import Node, Scalar, in_words, is_null, listed

_BOOLEANS: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def structure_scalar(node: Node, kind: type[Any]) -> Any:
    """An int, float, str, bool or enum member; a float may be written as a whole number, and is never NaN."""
    if issubclass(kind, Enum):
        return structure_enum(node, kind)
    if not isinstance(node, Scalar):
        raise faulty(node.origin, f"expected {kind.__name__}, got {in_words(node)}.")
    value = node.value
    if kind is float and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise faulty(node.origin, f"{in_words(node)} is too large.") from None
    if type(value) is not kind:
        raise faulty(node.origin, f"expected {kind.__name__}, got {in_words(node)}.{_hint(value, kind)}")
    if isinstance(value, float) and math.isnan(value):
        raise faulty(node.origin, "expected a number, got NaN.")
    return value


def structure_none(node: Node, _: Any) -> None:
    """Null."""
    if not is_null(node):
        raise faulty(node.origin, f"expected null, got {in_words(node)}.")


def structure_literal(node: Node, literal: Any) -> Any:
    """One of the values of a `Literal`, of the very type."""
    choices = typing.get_args(literal)
    if isinstance(node, Scalar):
        for choice in choices:
            if type(choice) is type(node.value) and choice == node.value:
                return choice
    raise faulty(node.origin, _choices(node, choices))


def structure_enum(node: Node, kind: type[Enum]) -> Any:
    """A member of an enum by its value or, where that is not a scalar, by its name."""
    for member in kind:
        if isinstance(node, Scalar) and type(enum_word(member)) is type(node.value) and enum_word(member) == node.value:
            return member
    raise faulty(node.origin, _choices(node, tuple(enum_word(member) for member in kind)))


def enum_word(member: Enum) -> Any:
    """The recipe form of a member of an enum."""
    for kind in (bool, int, float, str):
        if isinstance(member.value, kind):
            return kind(member.value)
    return member.name.lower()


def structure_path(node: Node, _: Any) -> Path:
    """A path; a relative one starts from the folder of the file that holds it."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value:
        raise faulty(node.origin, f"expected a file name, got {in_words(node)}.")
    try:
        written = Path(node.value).expanduser()
    except RuntimeError as error:
        raise faulty(node.origin, f"{node.value!r}: {error}") from None
    path = node.origin.folder.absolute() / written
    # `recipes/../photo.png` and `photo.png` are one file, and one problem; only the file's own name may be a link
    return path.parent.resolve() / path.name if ".." in path.parts and path.name != ".." else path


def _choices(node: Node, choices: tuple[Any, ...]) -> str:
    word = str(node.value) if isinstance(node, Scalar) else ""
    hint = did_you_mean(word, [choice for choice in choices if isinstance(choice, str)])
    return f"expected one of {listed(map(repr, choices), 40)}; got {in_words(node)}.{hint}"


def _hint(value: Any, kind: type[Any]) -> str:
    if kind is bool and isinstance(value, str) and value.lower() in _BOOLEANS:
        return f" Write {_BOOLEANS[value.lower()]}."
    if kind is int and isinstance(value, float) and value.is_integer():
        return f" Write {int(value)}."
    if kind is str:
        return "" if value is None else " Put it in quotes."
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        return " Remove the quotes."
    return ""
