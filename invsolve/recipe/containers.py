"""Hooks for lists, tuples, mappings and unions."""

import collections.abc
import types
import typing
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from invsolve.errors import article
from invsolve.plugin.catalog import plural
from invsolve.recipe.fault import Faulty, each, faulty
from invsolve.recipe.kinds import kind_of
from invsolve.recipe.node import Listing, Node, Scalar, Table, in_words, is_null

Structure: TypeAlias = Callable[[Node, Any], Any]

_LISTS: Final = (list, collections.abc.Sequence, collections.abc.Iterable, frozenset, collections.abc.Set)
_MAPPINGS: Final = (dict, collections.abc.Mapping)


def is_tuple(declared: Any) -> bool:
    """`tuple[...]`."""
    return declared is tuple or typing.get_origin(declared) is tuple


def is_fixed_tuple(declared: Any) -> bool:
    """`tuple[A, B]`, but not `tuple[T, ...]`."""
    args = typing.get_args(declared)
    return is_tuple(declared) and bool(args) and args[-1] is not Ellipsis


def is_component_list(declared: Any) -> bool:
    """`tuple[Operator, ...]` and the like."""
    return (
        is_tuple(declared)
        and not is_fixed_tuple(declared)
        and kind_of((*typing.get_args(declared), None)[0]) is not None
    )


def is_literal(declared: Any) -> bool:
    """`Literal["a", "b"]`."""
    return _is_special(declared, typing.Literal)


def is_annotated(declared: Any) -> bool:
    """`Annotated[T, ...]`."""
    return _is_special(declared, typing.Annotated)


def _is_special(declared: Any, form: object) -> bool:
    """True for typing's special form `form`."""
    return typing.get_origin(declared) is form


def is_list(declared: Any) -> bool:
    """`list[T]`, `Sequence[T]`, `frozenset[T]`."""
    return declared in _LISTS or typing.get_origin(declared) in _LISTS


def is_mapping(declared: Any) -> bool:
    """`dict[str, T]`."""
    return declared in _MAPPINGS or typing.get_origin(declared) in _MAPPINGS


def is_union(declared: Any) -> bool:
    """`A | B`."""
    return typing.get_origin(declared) in (typing.Union, types.UnionType)


def structure_tuple(node: Node, declared: Any, structure: Structure) -> tuple[Any, ...]:
    """A tuple of any length, `tuple[T, ...]`, or of a fixed one, `tuple[A, B]`; one component is a list of one."""
    args = typing.get_args(declared) or (Any, ...)
    if not isinstance(node, Listing) and is_component_list(declared) and not is_null(node):
        return (structure(node, args[0]),)
    if not isinstance(node, Listing):
        raise faulty(node.origin, f"expected {describe(declared)}, got {in_words(node)}.")
    if args[-1] is Ellipsis:
        args = (args[0],) * len(node.items)
    elif args == ((),):
        args = ()
    if len(args) != len(node.items):
        raise faulty(node.origin, f"expected {describe(declared)}, got {in_words(node)}.")
    pairs = enumerate(zip(node.items, args, strict=True))
    return tuple(each((index, partial(structure, item, kind)) for index, (item, kind) in pairs))


def structure_list(node: Node, declared: Any, structure: Structure) -> Any:
    """A list, or a frozenset."""
    item: Any = (typing.get_args(declared) or (Any,))[0]
    values = structure_tuple(node, types.GenericAlias(tuple, (item, ...)), structure)
    origin = typing.get_origin(declared) or declared
    if origin in (frozenset, collections.abc.Set):
        return frozenset(values)
    return list(values) if origin is list else values


def structure_mapping(node: Node, declared: Any, structure: Structure) -> dict[str, Any]:
    """A mapping with text keys."""
    if not isinstance(node, Table):
        raise faulty(node.origin, f"expected {describe(declared)}, got {in_words(node)}.")
    kind = (typing.get_args(declared) or (str, Any))[1]
    calls = ((key, partial(structure, entry.value, kind)) for key, entry in node.entries.items())
    return dict(zip(node.entries, each(calls), strict=True))


def structure_union(node: Node, declared: Any, structure: Structure) -> Any:
    """The one alternative that fits; a scalar is taken as what it is before it is taken for something else."""
    arms = [arm for arm in typing.get_args(declared) if arm is not types.NoneType]
    value = node.value if isinstance(node, Scalar) else None
    if is_null(node) and len(arms) < len(typing.get_args(declared)):
        return None
    if isinstance(value, str) and str in arms and Path in arms:
        file: Path = structure(node, Path)
        return file if file.is_file() else value
    arms.sort(key=lambda arm: arm is not type(value))
    failures: list[Faulty] = []
    for arm in arms:
        try:
            return structure(node, arm)
        except Faulty as failure:
            failures.append(failure)
    # an alternative that was entered, or a choice of words, is what the author meant
    inside = [f for f in failures if any(fault.path for fault in f.faults)]
    words = [f for f, arm in zip(failures, arms, strict=True) if is_literal(arm)]
    meant = failures if len(failures) == 1 else inside or (words if isinstance(value, str) else [])
    if len(meant) == 1:
        raise meant[0]
    raise faulty(node.origin, f"expected {describe(declared)}, got {in_words(node)}.")


def describe(declared: Any) -> str:
    """A type in the words of a message: `int`, `a list of 2: int, int`, `an operator`, `a file name`."""
    for fits, words in _WORDS:
        if fits(declared):
            return words(declared, typing.get_args(declared))
    return getattr(declared, "__name__", str(declared))


def _list_of(_: Any, args: tuple[Any, ...]) -> str:
    kind = kind_of(args[0]) if args else None
    if kind:
        return f"a list of {plural(kind)}"
    return f"a list of {describe(args[0])}" if args and args[0] is not Any else "a list"


_WORDS: Final[tuple[tuple[Callable[[Any], bool], Callable[[Any, tuple[Any, ...]], str]], ...]] = (
    (lambda declared: kind_of(declared) is not None, lambda declared, _: article(str(kind_of(declared)))),
    (lambda declared: declared in (types.NoneType, None), lambda *_: "null"),
    (lambda declared: declared is Path, lambda *_: "a file name"),
    (is_literal, lambda _, args: " or ".join(map(repr, args))),
    (is_union, lambda _, args: " or ".join(map(describe, args))),
    (is_fixed_tuple, lambda _, args: f"a list of {len(args)}: {', '.join(map(describe, args))}"),
    (is_tuple, _list_of),
    (is_list, _list_of),
    (is_mapping, lambda *_: "a mapping"),
)
