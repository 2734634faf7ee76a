"""Enough of JSON Schema, draft 2020-12, to tell what a schema accepts."""

from collections.abc import Callable
from typing import Any

TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
NOTES = {"$schema", "$defs", "title", "description", "format", "default"}


def accepts(schema: Any, value: Any, root: dict) -> bool:
    """Whether `value` is valid; a keyword that is not known here is an error."""
    if isinstance(schema, bool):
        return schema
    return all(KEYWORDS[word](schema, value, root) for word in schema if word not in NOTES)


def _types(schema: dict, value: Any, _: dict) -> bool:
    names = schema["type"]
    return any(TYPES[name](value) for name in ([names] if isinstance(names, str) else names))


def _same(one: Any, two: Any) -> bool:
    return one == two and isinstance(one, bool) == isinstance(two, bool)


def _ref(schema: dict, value: Any, root: dict) -> bool:
    target: Any = root
    for key in schema["$ref"].removeprefix("#/").split("/"):
        target = target[key]
    return accepts(target, value, root)


def _properties(schema: dict, value: Any, root: dict) -> bool:
    if not isinstance(value, dict):
        return True
    return all(accepts(each, value[key], root) for key, each in schema["properties"].items() if key in value)


def _additional(schema: dict, value: Any, root: dict) -> bool:
    if not isinstance(value, dict):
        return True
    others = set(value) - set(schema.get("properties", {}))
    return all(accepts(schema["additionalProperties"], value[key], root) for key in others)


def _items(schema: dict, value: Any, root: dict) -> bool:
    start = len(schema.get("prefixItems", ()))
    return not isinstance(value, list) or all(accepts(schema["items"], item, root) for item in value[start:])


def _prefix(schema: dict, value: Any, root: dict) -> bool:
    if not isinstance(value, list):
        return True
    return all(accepts(each, item, root) for each, item in zip(schema["prefixItems"], value, strict=False))


def _if(schema: dict, value: Any, root: dict) -> bool:
    branch = "then" if accepts(schema["if"], value, root) else "else"
    return accepts(schema.get(branch, True), value, root)


KEYWORDS: dict[str, Callable[[dict, Any, dict], bool]] = {
    "type": _types,
    "const": lambda schema, value, _: _same(schema["const"], value),
    "enum": lambda schema, value, _: any(_same(each, value) for each in schema["enum"]),
    "$ref": _ref,
    "properties": _properties,
    "required": lambda schema, value, _: not isinstance(value, dict) or set(schema["required"]) <= set(value),
    "additionalProperties": _additional,
    "minProperties": lambda schema, value, _: not isinstance(value, dict) or len(value) >= schema["minProperties"],
    "items": _items,
    "prefixItems": _prefix,
    "minItems": lambda schema, value, _: not isinstance(value, list) or len(value) >= schema["minItems"],
    "maxItems": lambda schema, value, _: not isinstance(value, list) or len(value) <= schema["maxItems"],
    "oneOf": lambda schema, value, root: sum(accepts(each, value, root) for each in schema["oneOf"]) == 1,
    "anyOf": lambda schema, value, root: any(accepts(each, value, root) for each in schema["anyOf"]),
    "not": lambda schema, value, root: not accepts(schema["not"], value, root),
    "if": _if,
    "then": lambda *_: True,
    "else": lambda *_: True,
}
