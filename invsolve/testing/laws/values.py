"""Laws of every component: it is a value, and recipes can write it down."""

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch

from invsolve.errors import UnknownComponent
from invsolve.plugin import Catalog
from invsolve.plugin.contract import violations
from invsolve.recipe import from_data, to_data
from invsolve.recipe.document import parse
from invsolve.recipe.dumping import dumped
from invsolve.recipe.kinds import kind_of
from invsolve.recipe.node import Origin, Table, plain
from invsolve.testing.case import Case
from invsolve.testing.law import NotApplicable, require


def constructor_contract(component: object, case: Case) -> None:
    """Its class is frozen attrs with annotated fields that a recipe can name, and takes no `**kwargs`."""
    del case
    problems = violations(_kind(component), type(component))
    require(not problems, " ".join(problems))


def equality(component: object, case: Case) -> None:
    """It equals a copy with the same fields, hashes alike where it can be hashed, and equals nothing else."""
    del case
    duplicate = copy.deepcopy(component)
    require(_equal(component, duplicate), "a copy with the same fields is not equal to it; keep attrs' own equality.")
    require(component != object(), "it equals an unrelated object.")
    if _hashable(component):
        require(hash(component) == hash(duplicate), "two equal copies have different hashes.")


def pickling(component: object, case: Case) -> None:
    """It comes back equal from a pickle, so that other processes can work with it."""
    del case
    back = pickle.loads(pickle.dumps(component))
    require(_equal(component, back), f"it comes back from a pickle as {back!r}.")


def repr_evaluates_back(component: object, case: Case) -> None:
    """Its repr is a Python expression that makes an equal component."""
    del case
    back = eval(repr(component), dict(_names(component)))  # a component's own repr, nobody else's text
    require(_equal(component, back), f"its repr evaluates to {back!r}.")


def yaml_round_trip(component: object, case: Case) -> None:
    """Its recipe form, with all fields or without defaults, reads back as an equal component."""
    del case
    kind = str(_kind(component))
    catalog = Catalog.discover()
    for defaults in (True, False):
        try:
            written = dumped({kind: to_data(component, catalog, defaults)})
        except UnknownComponent as unknown:
            raise NotApplicable("no installed plugin offers it, so that it has no name in a recipe") from unknown
        node = parse(written, Origin(0, "recipe"))
        require(isinstance(node, Table), f"a recipe writes it as {written!r}.")
        back = from_data(kind, plain(node)[kind], catalog) if node else None
        require(_equal(component, back), f"the recipe {written!r} reads back as {back!r}.")


def _kind(component: object) -> str:
    kind = kind_of(type(component))
    if kind is None:
        raise NotApplicable(f"{type(component).__name__} derives from no kind of component")
    return kind


def _equal(a: object, b: object) -> bool:
    try:
        return bool(a == b)
    except (RuntimeError, ValueError) as error:  # tensors and arrays as fields compare elementwise
        raise AssertionError(
            f"its equality raises {error}; hold tuples, or give array fields an `eq=` of their own."
        ) from error


def _hashable(component: object) -> bool:
    try:
        hash(component)
    except TypeError:
        return False
    return True


def _names(component: object) -> Iterator[tuple[str, Any]]:
    """The names that a repr may use: the classes of the component and of everything inside it."""
    yield from (("inf", float("inf")), ("nan", float("nan")), ("torch", torch), ("tensor", torch.tensor))
    yield from (("array", np.array), ("PosixPath", Path), ("WindowsPath", Path))
    yield from ((f"float{bits}", getattr(np, f"float{bits}")) for bits in (32, 64))
    yield from _classes(component)


def _classes(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, tuple | list):
        for item in part:
            yield from _classes(item)
    elif attrs.has(type(part)):
        yield type(part).__name__, type(part)
        for field in attrs.fields(type(part)):
            yield from _classes(getattr(part, field.name))
