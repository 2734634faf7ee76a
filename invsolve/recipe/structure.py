"""The converter from nodes to typed values, and `from_data`, its use on plain Python data."""

import enum
import typing
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import cattrs

from invsolve.plugin import Catalog, base_of
from invsolve.recipe.component import structure_component, structure_fields
from invsolve.recipe.containers import (
    Structure,
    describe,
    is_annotated,
    is_list,
    is_literal,
    is_mapping,
    is_tuple,
    is_union,
    structure_list,
    structure_mapping,
    structure_tuple,
    structure_union,
)
from invsolve.recipe.fault import BadRecipe, Faulty, faulty
from invsolve.recipe.kinds import kind_of
from invsolve.recipe.node import Node, Origin, from_plain, plain
from invsolve.recipe.scalars import (
    structure_enum,
    structure_literal,
    structure_none,
    structure_path,
    structure_scalar,
)


def structuring(catalog: Catalog) -> Structure:
    """A function that turns a node into a value of a type, and raises `Faulty` with all faults where it cannot."""
    converter = cattrs.BaseConverter(structure_fallback_factory=lambda _: _unwritable)
    structure: Structure = converter.structure
    for scalar in (bool, int, float, str):
        converter.register_structure_hook(scalar, structure_scalar)
    converter.register_structure_hook(Path, structure_path)
    converter.register_structure_hook(enum.Enum, structure_enum)
    hooks = (
        (lambda kind: kind in (Any, object), lambda node, _: plain(node)),
        (lambda kind: kind in (None, type(None)), structure_none),
        (is_literal, structure_literal),
        (is_annotated, _inner(structure)),
        (is_tuple, partial(_with, structure_tuple, structure)),
        (is_list, partial(_with, structure_list, structure)),
        (is_mapping, partial(_with, structure_mapping, structure)),
        (is_union, partial(_with, structure_union, structure)),
        (attrs.has, partial(_with, structure_fields, structure)),
        (is_array, _structure_array),
        (lambda kind: kind_of(kind) is not None, _component(catalog, structure)),
    )
    for predicate, hook in hooks:
        converter.register_structure_hook_func(predicate, hook)
    return structure


def from_data(kind: str, data: Any, catalog: Catalog | None = None, folder: Path | None = None) -> Any:
    """Build a component from what a recipe would write about it.

        from_data("operator", {"use": "temporal_average", "frames": 4})

    Args:
        kind: `"operator"`, `"prior"`, ...
        data: a name, a mapping with `use` (readers: `read`), or a list of operators.
        folder: where relative paths start; by default the current directory.

    Raises:
        BadRecipe: with every fault.
    """
    origin = Origin(0, kind, folder=folder or Path.cwd())
    try:
        catalog = catalog or Catalog.discover()
        return structuring(catalog)(from_plain(data, origin), base_of(catalog.kind(kind)))
    except Faulty as found:
        raise BadRecipe(found.faults) from None


def is_array(kind: Any) -> bool:
    """`Tensor`, `ndarray`, and jaxtyping's annotations of them. Imports neither torch nor numpy."""
    from jaxtyping import AbstractArray

    home = typing.get_origin(kind) or kind
    if not isinstance(home, type):
        return False
    name = f"{home.__module__}.{home.__qualname__}"
    return name in ("torch.Tensor", "numpy.ndarray") or issubclass(home, AbstractArray)


def _structure_array(node: Node, declared: Any) -> Any:
    from invsolve.recipe.arrays import structure_array

    return structure_array(node, declared)


def _component(catalog: Catalog, structure: Structure) -> Structure:
    return lambda node, declared: structure_component(node, declared, catalog, structure)


def _inner(structure: Structure) -> Structure:
    return lambda node, declared: structure(node, typing.get_args(declared)[0])


def _with(hook: Any, structure: Structure, node: Node, declared: Any) -> Any:
    return hook(node, declared, structure)


def _unwritable(node: Node, declared: Any) -> Any:
    raise faulty(node.origin, f"a value of type {describe(declared)} cannot be written in a recipe.")
