"""From a mapping with `use:` to a component, with everything that is wrong with it."""

import re
import typing
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from invsolve.errors import BrokenPlugin, InvsolveError, UnknownComponent, article, did_you_mean
from invsolve.plugin import Catalog
from invsolve.recipe.containers import Structure
from invsolve.recipe.fault import Fault, Faulty, each, faulty, gathered, reason
from invsolve.recipe.fields import RecipeField, default_of, meanings, recipe_fields
from invsolve.recipe.kinds import kind_of, naming_key
from invsolve.recipe.node import NAMING, Entry, Listing, Node, Origin, Scalar, Table, in_words, listed


def structure_component(node: Node, declared: Any, catalog: Catalog, structure: Structure) -> Any:
    """Build the component that `node` names; a list of operators is their pipeline, a bare name has no fields.

    Raises:
        Faulty: with every fault found.
    """
    kind = str(kind_of(declared))
    if isinstance(node, Listing) and kind == "operator":
        return _pipeline(node, declared, structure)
    key = naming_key(kind)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        node = Table({key: Entry(node.origin, node)}, node.origin)
    if not isinstance(node, Table):
        raise faulty(node.origin, f"expected {article(kind)}, written {{{key}: NAME, ...}}, got {in_words(node)}.")
    cls = _named(node, kind, key, catalog)
    declared = typing.get_origin(declared) or declared
    if not issubclass(cls, declared):
        raise faulty(_place(node, key), f"expected {article(declared.__name__)}, but {cls.__name__} is not one.")
    return structure_fields(node.without(key), cls, structure)


def structure_fields(
    node: Node, cls: type[Any], structure: Structure, given: Mapping[str, Any] = {}, base: Any = None
) -> Any:
    """Build an attrs class from a mapping of its fields.

    Args:
        given: arguments that no recipe writes.
        base: an instance of the class; fields that are not written are taken from it.

    Raises:
        Faulty: with every fault found, validators' included.
    """
    if not isinstance(node, Table):
        raise faulty(node.origin, f"expected a mapping, got {in_words(node)}.")
    try:
        fields = recipe_fields(cls)
    except InvsolveError as error:
        raise faulty(node.origin, str(error)) from None
    faults = _unknown(node, cls, fields)
    values: dict[str, Any] = {}
    for field in fields:
        value = node.get(field.key)
        if value is not None:
            with gathered(faults, field.key):
                values[field.argument] = _value(value, field, base, structure)
        elif base is not None:
            values[field.argument] = getattr(base, field.attribute.name)
        elif field.required:
            faults.append(Fault(node.origin, field.key, f"missing; it has no default.{_about(cls, field.key)}"))
    faults += _invalid(node, cls, fields, {**values, **given})
    if faults:
        raise Faulty(faults)
    try:
        return cls(**values, **given)
    except Exception as error:  # whatever a constructor raises is about the values it was given
        said = reason(error)
        word = re.match(r"\W*(\w+)", said)
        blamed = next((field.key for field in fields if word and field.argument == word[1]), "")
        raise faulty(_place(node, blamed), said, blamed) from error


def _value(node: Node, field: RecipeField, base: Any, structure: Structure) -> Any:
    """A field's value; a mapping that does not say which component it is changes the one that stands there anyway."""
    if isinstance(node, Table) and not any(key in node.entries for key in NAMING):
        default = field.default() if base is None else getattr(base, field.attribute.name)
        if kind_of(type(default)):
            return structure_fields(node, type(default), structure, base=default)
    return structure(node, field.type)


def _pipeline(node: Listing, declared: Any, structure: Structure) -> Any:
    from invsolve.operator import Operator
    from invsolve.operator.pipeline import pipeline

    if not node.items:
        raise faulty(node.origin, "an empty list; name at least one operator.")
    parts = each((index, partial(structure, item, Operator)) for index, item in enumerate(node.items))
    composed = pipeline(*parts)
    if not isinstance(composed, declared):
        odd = next((index for index, part in enumerate(parts) if not isinstance(part, declared)), 0)
        raise faulty(
            node.items[odd].origin, f"expected {article(declared.__name__)}, but {parts[odd]} is not one.", str(odd)
        )
    return composed


def _named(node: Table, kind: str, key: str, catalog: Catalog) -> type[Any]:
    name = node.get(key)
    if name is None:
        other = "use" if key == "read" else "read"
        wrong = node.entries.get(other)
        if wrong is not None:
            raise faulty(wrong.key_origin, f"{article(kind)} is named by `{key}:`, not by `{other}:`.", other)
        raise faulty(node.origin, f"missing; it names the {kind}: {listed(catalog.names(kind), 40)}.", key)
    if not isinstance(name, Scalar) or not isinstance(name.value, str):
        raise faulty(name.origin, f"expected the name of {article(kind)}, got {in_words(name)}.", key)
    try:
        return catalog.load(kind, name.value)
    except UnknownComponent as error:
        raise faulty(name.origin, f"{error}{_as_file(kind, name.value, catalog)}", key) from None
    except InvsolveError as error:
        raise faulty(name.origin, str(error), key) from None


def _as_file(kind: str, name: str, catalog: Catalog) -> str:
    """A note for a file's name where the name of a reader is wanted."""
    ending = Path(name).suffix.lower()
    for entry in catalog.of_kind("reader") if kind == "reader" and ending else ():
        try:
            suffixes = catalog.load_entry(entry).suffixes
        except BrokenPlugin:  # it is of no help here, and not what is wrong
            continue
        if ending in suffixes:
            return f"\n  note: for this file write {{read: {catalog.recipe_name(entry)}, path: {name}}}"
    return ""


def _unknown(node: Table, cls: type[Any], fields: tuple[RecipeField, ...]) -> list[Fault]:
    known = [field.key for field in fields]
    faults: list[Fault] = []
    for key, entry in node.entries.items():
        if key in known:
            continue
        if node.former and key in node.former.left:
            message = (
                f"left over from {node.former.name!r}, which was replaced: {cls.__name__} has no field {key!r}. "
                f"Set it to null to delete it, or replace the whole part."
            )
        else:
            has = f"Fields: {', '.join(known)}." if known else "It has no fields."
            message = f"{cls.__name__} has no field {key!r}.{did_you_mean(key, known)} {has}"
        faults.append(Fault(entry.key_origin, key, message))
    return faults


def _invalid(node: Table, cls: type[Any], fields: tuple[RecipeField, ...], values: Mapping[str, Any]) -> list[Fault]:
    """Run every validator by itself, on a draft of the component, so that each fault has the place of its field."""
    draft = object.__new__(cls)
    for attribute in attrs.fields(cls):
        value = values[attribute.alias] if attribute.alias in values else default_of(attribute)
        if value is not attrs.NOTHING:
            object.__setattr__(draft, attribute.name, value)
    faults: list[Fault] = []
    for field in fields:
        if field.argument not in values or field.attribute.validator is None:
            continue
        try:
            field.attribute.validator(draft, field.attribute, _converted(field, draft, values[field.argument]))
        except AttributeError:
            continue  # it looks at a field that has a fault of its own; the constructor runs it again
        except Exception as error:  # a validator may raise anything
            faults.append(Fault(_place(node, field.key), field.key, reason(error)))
    return faults


def _converted(field: RecipeField, draft: Any, value: Any) -> Any:
    convert: Any = field.attribute.converter
    if isinstance(convert, attrs.Converter):
        whole: Any = convert  # its type stubs leave these attributes out
        extra = [draft] * whole.takes_self + [field.attribute] * whole.takes_field
        return whole.converter(value, *extra)
    return value if convert is None else convert(value)


def _place(node: Table, key: str) -> Origin:
    value = node.get(key)
    return node.origin if value is None else value.origin


def _about(cls: type[Any], key: str) -> str:
    meaning = meanings(cls).get(key)
    return f" {key}: {meaning}" if meaning else ""
