"""The fields of a recipe as a form: what to ask, read from the catalogue's JSON schema."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, final

import attrs

Schema = Mapping[str, Any]
Path = tuple[str, ...]
Asked = Literal["whole", "number", "switch", "choice", "text", "data"]

NAMING: Final = ("use", "read")
SLOTS: Final = ("operator", "noise", "prior", "sampler")
PLAIN: Final = ("samples", "seed", "condition", "dtype", "chunk", "time_limit")
_ASKED: Final[dict[str, Asked]] = {"integer": "whole", "number": "number", "boolean": "switch", "string": "text"}


@final
@attrs.frozen
class Field:
    """One field to ask for.

    Attributes:
        path: Where its value stands in the recipe.
        asked: With what kind of widget; ``data`` is anything that only YAML can say.
        value: What it is now.
        meaning: In the component's own words.
        choices: Of a ``choice``.
        empty: Whether it may be left out.
    """

    path: Path
    asked: Asked
    value: Any
    meaning: str
    choices: tuple[Any, ...] = ()
    empty: bool = False

    @property
    def key(self) -> str:
        """Its name in the recipe."""
        return self.path[-1]


@final
@attrs.frozen
class Group:
    """A component in a recipe, and its fields.

    Attributes:
        path: Where it stands: ``("operator", "0")``, ``("sampler", "kernel")``.
        kind: Of the component.
        name: Of the component; empty where a visitor's recipe leaves it open.
        about: What the component is, in a sentence.
        choices: Names of all installed components of the kind.
        fields: Those that are neither components themselves nor names of files.
        empty: Whether the component may be left out.
    """

    path: Path
    kind: str
    name: str
    about: str
    choices: tuple[str, ...]
    fields: tuple[Field, ...]
    empty: bool = False


def groups(data: Mapping[str, Any], schema: Schema) -> tuple[Group, ...]:
    """Every component of a recipe in the order of reading, the one that it is a field of before it.

    Args:
        data: The recipe as plain data.
        schema: Of `invsolve recipe schema`.
    """
    found: list[Group] = []
    for slot in SLOTS:
        stated = data.get(slot, schema["properties"][slot].get("default"))
        found += _components(stated, slot, (slot,), schema, False)
    return tuple(found)


def plain_fields(data: Mapping[str, Any], schema: Schema) -> tuple[Field, ...]:
    """The fields of the recipe itself: samples, seed, ..."""
    return tuple(_field((key,), _bare(schema["properties"][key]), data, key) for key in PLAIN)


def having(data: Any, path: Path, value: Any) -> Any:
    """A copy of plain data with the value at `path` replaced, or left out where it is None."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(data, list):
        return [having(item, rest, value) if str(number) == key else item for number, item in enumerate(data)]
    # a component that goes by its name alone gets fields
    table = dict(data) if isinstance(data, Mapping) else {} if data is None else {"use": data}
    inner = having(table.get(key), rest, value)
    if inner is None:
        table.pop(key, None)
        return table
    return {**table, key: inner}


def at(data: Any, path: Path) -> Any:
    """The value at `path`, or None."""
    for key in path:
        if isinstance(data, list):
            data = data[int(key)] if key.isdecimal() and int(key) < len(data) else None
        else:
            data = data.get(key) if isinstance(data, Mapping) else None
    return data


def _components(stated: Any, kind: str, path: Path, schema: Schema, empty: bool) -> Iterator[Group]:
    if isinstance(stated, list):
        for number, item in enumerate(stated):
            yield from _components(item, kind, (*path, str(number)), schema, empty)
        return
    offered = {each["title"]: each for each in schema["$defs"][kind]["oneOf"] if _name_of(each) is not None}
    table: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {} if stated is None else {"use": stated}
    name = next((str(table[key]) for key in NAMING if key in table), "")
    chosen = offered.get(name, {"properties": {}, "description": ""})
    asked = {key: each for key, each in chosen["properties"].items() if key not in NAMING}
    inner = {key: inner for key, each in asked.items() if (inner := _kind(each)) is not None}
    plain = {key: each for key, each in asked.items() if key not in inner and not _is_file(each)}
    fields = tuple(_field((*path, key), each, table, key) for key, each in plain.items())
    yield Group(path, kind, name, str(chosen.get("description", "")), tuple(offered), fields, empty)
    for key, (inner_kind, optional) in inner.items():
        default = asked[key].get("default")
        value = table.get(key, default)
        if isinstance(value, Mapping) and isinstance(default, Mapping) and not any(name in value for name in NAMING):
            value = {**default, **value}  # it changes the default
        yield from _components(value, inner_kind, (*path, key), schema, optional)


def _name_of(choice: Schema) -> Any:
    properties = choice.get("properties", {})
    return next((properties[key]["const"] for key in NAMING if "const" in properties.get(key, {})), None)


def _kind(schema: Schema) -> tuple[str, bool] | None:
    """The kind of component that a field holds, and whether it may be left out; None for other fields."""
    arms = schema.get("anyOf", [schema])
    kinds = [arm["$ref"].rpartition("/")[2] for arm in arms if "$ref" in arm]
    return (kinds[0], {"type": "null"} in arms) if kinds else None


def _is_file(schema: Schema) -> bool:
    """Whether a field names a file: those are the server's, and not asked for."""
    return any(arm.get("format") == "path" for arm in schema.get("anyOf", [schema]))


def _bare(schema: Schema) -> Schema:
    """A key of the recipe itself: its schema without the null that only deletes it from a recipe that is extended."""
    inner = schema.get("anyOf", [schema])[0] if "anyOf" in schema else schema
    return {**inner, **{key: schema[key] for key in ("description", "default") if key in schema}}


def _field(path: Path, schema: Schema, table: Mapping[str, Any], key: str) -> Field:
    arms = [arm for arm in schema.get("anyOf", [schema]) if arm != {"type": "null"}]
    empty = len(arms) < len(schema.get("anyOf", [schema]))
    meaning, value = str(schema.get("description", "")), table.get(key, schema.get("default"))
    if len(arms) == 1 and "enum" in arms[0]:
        choices = tuple(each for each in arms[0]["enum"] if each is not None)
        return Field(path, "choice", value, meaning, choices, empty or None in arms[0]["enum"])
    asked = _ASKED.get(str(arms[0].get("type")), "data") if len(arms) == 1 else "data"
    return Field(path, asked, value, meaning, (), empty)
