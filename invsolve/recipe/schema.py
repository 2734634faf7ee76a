"""A JSON schema of recipes, made from what is installed, for the completion of an editor."""

import enum
import inspect
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog, Entry
from invsolve.recipe.containers import (
    is_annotated,
    is_component_list,
    is_fixed_tuple,
    is_list,
    is_literal,
    is_mapping,
    is_tuple,
    is_union,
)
from invsolve.recipe.extend import VERSION
from invsolve.recipe.fields import RecipeField, meanings, recipe_fields
from invsolve.recipe.kinds import kind_of, naming_key
from invsolve.recipe.recipe import Recipe
from invsolve.recipe.scalars import enum_word
from invsolve.recipe.serialise import to_data
from invsolve.recipe.structure import is_array

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_SCALARS: Final[dict[Any, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    Path: {"type": "string", "format": "path", "description": "A file name, relative to the folder of this recipe."},
    types.NoneType: {"type": "null"},
    None: {"type": "null"},
}
_SWEPT: Final[Schema] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "anyOf": [
            {"type": "array", "minItems": 1},
            {
                "type": "object",
                "properties": {"range": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}},
                "required": ["range"],
                "additionalProperties": False,
            },
        ]
    },
}


def schema_of(catalog: Catalog | None = None) -> Schema:
    """The schema of every recipe that the installed components can be written in.

    A component whose class cannot be imported is offered by its name, with the reason as its description.
    """
    catalog = catalog or Catalog.discover()
    properties: Schema = {
        "recipe": {"const": VERSION, "description": "The version of the recipe format."},
        "extends": {"type": "string", "description": "The recipe that this one changes; null deletes a key of it."},
        **_properties(Recipe, catalog),
        "sweep": {**_SWEPT, "description": "Paths and their values: one recipe for every combination."},
        "zip": {**_SWEPT, "description": "Paths and their values, which change together."},
    }
    required = ["recipe", *(field.key for field in recipe_fields(Recipe) if field.required and field.key != "name")]
    return {
        "$schema": DIALECT,
        "title": "invsolve recipe",
        "type": "object",
        "properties": {key: _deletable(each) for key, each in properties.items()},
        "additionalProperties": False,
        # what a recipe that extends another one leaves out, it inherits
        "if": {"required": ["extends"]},
        "else": {"required": required},
        "$defs": {str(kind): _kind(kind, catalog) for kind in catalog.kinds if kind != "command"},
    }


def _deletable(schema: Schema) -> Schema:
    return schema if "const" in schema else {"anyOf": [schema, {"type": "null"}], **_notes(schema)}


def _notes(schema: Schema) -> Schema:
    return {key: schema[key] for key in ("description", "default") if key in schema}


def _kind(kind: str, catalog: Catalog) -> Schema:
    key = naming_key(kind)
    choices: list[Schema] = []
    bare: list[str] = []
    for entry in catalog.of_kind(kind):
        schema, complete = _component(entry, key, catalog)
        choices.append(schema)
        bare += [catalog.recipe_name(entry)] if complete else []
    # a mapping without a name changes the component that is inherited, or the default
    choices.append({"title": "changes", "type": "object", "not": {"required": [key]}})
    choices += [{"title": "by name", "enum": bare}] if bare else []
    if kind == "operator":
        choices.append({"title": "pipeline", "type": "array", "items": {"$ref": "#/$defs/operator"}, "minItems": 1})
    return {"oneOf": choices}


def _component(entry: Entry, key: str, catalog: Catalog) -> tuple[Schema, bool]:
    """The schema of a component, and whether its name alone is enough."""
    name = catalog.recipe_name(entry)
    schema: Schema = {"title": name, "description": entry.component.summary, "type": "object"}
    named = {key: {"const": name, "description": entry.component.summary}}
    try:
        cls = catalog.load_entry(entry)
        fields = recipe_fields(cls)
        schema |= {"properties": {**named, **_properties(cls, catalog)}, "additionalProperties": False}
    except InvsolveError as error:
        return schema | {"description": str(error), "properties": named, "required": [key]}, False
    missing = [field.key for field in fields if field.required]
    return schema | {"required": [key, *missing]}, not missing


def _properties(cls: type[Any], catalog: Catalog) -> Schema:
    said = meanings(cls)
    return {field.key: _field(field, said.get(field.key, ""), catalog) for field in recipe_fields(cls)}


def _field(field: RecipeField, meaning: str, catalog: Catalog) -> Schema:
    schema = _type(field.type)
    if meaning:
        schema = schema | {"description": meaning}
    default = field.default()
    if default is attrs.NOTHING:
        return schema
    try:
        return schema | {"default": to_data(default, catalog)}
    except InvsolveError:
        return schema


def _type(declared: Any) -> Schema:
    for fits, schema in _TYPES:
        if fits(declared):
            return schema(declared, typing.get_args(declared))
    return _SCALARS.get(declared, {"type": "object"} if attrs.has(declared) else {})


def _array(_: Any, __: tuple[Any, ...]) -> Schema:
    from invsolve.arrays import SUFFIXES

    files = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
    return {
        "description": f"Nested lists of numbers, or the name of a {files} file.",
        "type": ["array", "number", "string", "object"],
    }


def _is_enum(declared: Any) -> bool:
    return inspect.isclass(declared) and issubclass(declared, enum.Enum)


def _fixed(_: Any, args: tuple[Any, ...]) -> Schema:
    return {"type": "array", "prefixItems": [_type(arg) for arg in args], "minItems": len(args), "items": False}


def _items(_: Any, args: tuple[Any, ...]) -> Schema:
    return {"type": "array", "items": _type(args[0])} if args else {"type": "array"}


def _values(_: Any, args: tuple[Any, ...]) -> Schema:
    return {"type": "object", "additionalProperties": _type(args[1])} if args else {"type": "object"}


_TYPES: Final[tuple[tuple[Callable[[Any], bool], Callable[[Any, tuple[Any, ...]], Schema]], ...]] = (
    (lambda declared: kind_of(declared) is not None, lambda declared, _: {"$ref": f"#/$defs/{kind_of(declared)}"}),
    (is_array, _array),
    (is_annotated, lambda _, args: _type(args[0])),
    (is_literal, lambda _, args: {"enum": list(args)}),
    (_is_enum, lambda declared, _: {"enum": [enum_word(member) for member in declared]}),
    (is_union, lambda _, args: {"anyOf": [_type(arm) for arm in args]}),
    (is_fixed_tuple, _fixed),
    (is_component_list, lambda declared, args: {"anyOf": [_items(declared, args), _type(args[0])]}),
    (is_tuple, _items),
    (is_list, _items),
    (is_mapping, _values),
)
