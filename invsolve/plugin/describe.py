"""The documentation of a component, read from its class: prose, fields with their meaning, examples."""

import ast
import inspect
import json
import re
from importlib import import_module
from typing import Any, Final, final

import attrs

from invsolve.plugin.contract import recipe_key
from invsolve.plugin.docstring import documentation

CORE: Final = "invsolve"
_PLAIN: Final = re.compile(r"[A-Za-z]\w*([:./-]\w+)*")


@final
@attrs.frozen
class FieldDescription:
    """One field: its key in recipes, its name in Python, type, default (empty if it must be given), and meaning."""

    key: str
    name: str
    type: str
    default: str
    meaning: str


@final
@attrs.frozen
class Description:
    """A component as `invsolve plugins show` prints it.

    Attributes:
        prose: what it does.
        fields: in the order of the constructor.
        raises: errors and when they come.
        python: code that makes one.
        yaml: the same in a recipe.
        sources: where the method comes from, in words.
        references: the same as BibTeX.
    """

    prose: str
    fields: tuple[FieldDescription, ...]
    raises: tuple[tuple[str, str], ...]
    python: str
    yaml: str
    sources: str
    references: tuple[str, ...]


def describe(cls: type[Any], kind: str, name: str) -> Description:
    """Read a component's class: what its docstring says, its fields, its references.

    The docstring's own examples are taken where it has them, and made from the fields where not.
    """
    said = documentation(cls.__doc__)
    fields = _fields(cls) if attrs.has(cls) else ()
    references: tuple[str, ...] = getattr(cls, "references", ())
    python = said.examples.get("python") or _call(cls, fields)
    python = f"{_imports(cls, python)}{'' if python.startswith('from ') else chr(10)}\n{python}"
    yaml = said.examples.get("yaml") or _yaml(kind, name, fields)
    return Description(said.prose, fields, said.raises, python, yaml, said.sources, references)


def field_meanings(cls: type[Any]) -> dict[str, str]:
    """The docstring's text on each name below ``Attributes:``; abstract classes speak for their fields."""
    found: dict[str, str] = {}
    for base in cls.__mro__[:-1]:
        for name, meaning in documentation(base.__doc__).meanings.items():
            found.setdefault(name, meaning)
    return found


def _fields(cls: type[Any]) -> tuple[FieldDescription, ...]:
    meanings = field_meanings(cls)
    return tuple(
        FieldDescription(
            key=recipe_key(field.name),
            name=field.alias,
            type=_type(field.type),
            default=_default(field),
            meaning=meanings.get(field.name, ""),
        )
        for field in attrs.fields(cls)
        if field.init
    )


def _type(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    named = inspect.formatannotation(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", named).replace("NoneType", "None")


def _default(field: "attrs.Attribute[Any]") -> str:
    default: Any = field.default
    if default is attrs.NOTHING:
        return ""
    return repr(default.factory()) if isinstance(default, attrs.Factory) else repr(default)  # type: ignore[arg-type]


def _home(cls: type[Any]) -> str:
    """The shortest package that offers the class, or else its module."""
    parts = cls.__module__.split(".")
    packages = (".".join(parts[:length]) for length in range(1, len(parts)))
    return next((name for name in packages if getattr(import_module(name), cls.__name__, None) is cls), cls.__module__)


def _imports(cls: type[Any], example: str) -> str:
    """The imports of the example: the class, and what else the example calls of its package and of the core."""
    home, core = _home(cls), import_module(CORE)
    called = set(re.findall(r"(?<![\w.])[A-Za-z]\w*(?=\()", example))
    names = {cls.__name__} | {name for name in called if isinstance(getattr(import_module(home), name, None), type)}
    wanted = {home: names}
    if home != CORE:
        wanted[CORE] = {name for name in called - names if name in dir(core)}
    lines = [f"from {package} import {', '.join(sorted(wanted[package]))}" for package in sorted(wanted)]
    path = "from pathlib import Path\n\n" if "Path" in called - names else ""
    return path + "\n".join(line for line in lines if not line.endswith("import "))


def _call(cls: type[Any], fields: tuple[FieldDescription, ...]) -> str:
    given = [field for field in fields if not field.default or _is_literal(field.default)]
    arguments = ", ".join(f"{field.name}={field.default or '...'}" for field in given)
    return f"{cls.__name__}({arguments})"


def _yaml(kind: str, name: str, fields: tuple[FieldDescription, ...]) -> str:
    """The recipe line; fields that are components keep their defaults."""
    values = {field.key: _plain(field) for field in fields}
    pairs = "".join(f", {key}: {value}" for key, value in values.items() if value)
    if kind == "reader":
        return f"input: {{read: {name}{pairs}}}"
    if kind == "baseline":
        return f"baselines: {{{name}: {{use: {name}{pairs}}}}}"
    return f"metrics: [{{use: {name}{pairs}}}]" if kind == "metric" else f"{kind}: {{use: {name}{pairs}}}"


def _plain(field: FieldDescription) -> str:
    if not field.default:
        return f"<{field.type}>"
    if not _is_literal(field.default):
        return ""
    value = ast.literal_eval(field.default)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_scalar, value))}]"
    return _scalar(value)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str) and (value in ("true", "false", "null") or not _PLAIN.fullmatch(value)):
        return json.dumps(value)
    return str(value)
