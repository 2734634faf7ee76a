"""The documentation of a component, read from its class: prose, fields with their meaning, examples."""

import ast
import inspect
import json
import re
import textwrap
import tokenize
from importlib import import_module
from io import StringIO
from typing import Any, final

import attrs

from invsolve.plugin.contract import recipe_key

CORE = "invsolve"
_ITEM = re.compile(
    r"^- +`+(?P<names>[^`]+(?:`+(?:, *| or )`+[^`]+)*)`+(?P<unit> \[[^\]]+\])?: *(?P<text>.*(?:\n(?: +\S.*))*)\n?",
    re.MULTILINE,
)
_AND_NEXT = re.compile(r"; `+(\w+)`+:? ")
_CLAUSE = re.compile(r";\s|\.\s|\n\n|\n- ")
_PLAIN = re.compile(r"[A-Za-z]\w*([:./-]\w+)*")
_HEADING = re.compile(r"^Fields:\n", re.MULTILINE)
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```\n?", re.MULTILINE | re.DOTALL)


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
    """A component as `invsolve plugins show` prints it."""

    prose: str
    fields: tuple[FieldDescription, ...]
    python: str
    yaml: str
    references: tuple[str, ...]


def describe(cls: type[Any], kind: str, name: str) -> Description:
    """Read a component's class: the prose and examples of its docstring, its fields, its references.

    The docstring's own examples are taken where it has them, and made from the fields where not.
    """
    text = inspect.cleandoc(cls.__doc__ or "") + "\n"
    fences = {match["language"]: match["text"].rstrip() for match in _FENCE.finditer(text)}
    prose = re.sub(r"\n{3,}", "\n\n", _HEADING.sub("", _ITEM.sub("", _FENCE.sub("", text)))).strip()
    fields = _fields(cls, text) if attrs.has(cls) else ()
    references: tuple[str, ...] = getattr(cls, "references", ())
    python = fences.get("python") or _call(cls, fields)
    python = f"{_imports(cls, python)}{'' if python.startswith('from ') else chr(10)}\n{python}"
    return Description(prose, fields, python, fences.get("yaml") or _yaml(kind, name, fields), references)


def _fields(cls: type[Any], docstring: str) -> tuple[FieldDescription, ...]:
    names = {field.name for field in attrs.fields(cls)}
    meanings = _from_source(cls) | _from_bases(cls, names) | _from_items(docstring, names)
    for name in names - {name for name, meaning in meanings.items() if meaning}:
        meanings[name] = _mention(docstring, name)
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


def _from_bases(cls: type[Any], fields: set[str]) -> dict[str, str]:
    """The meaning that the nearest abstract class gives to each field."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__[1:]):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "") + "\n"
        found |= {name: said for name, said in _from_items(text, fields).items() if name in fields}
    return found


def _from_items(docstring: str, fields: set[str]) -> dict[str, str]:
    """The meaning of each name that a list explains; an item may go on: ``a``: one thing; ``b``: another."""
    found: dict[str, list[str]] = {}
    for item in _ITEM.finditer(docstring):
        text = " ".join(f"{item['unit'] or ''} {item['text']}".split())
        turns = [turn for turn in _AND_NEXT.finditer(text) if turn[1] in fields]
        ends = [*(turn.start() for turn in turns), len(text)]
        for name in re.split(r",| or ", item["names"]):
            found.setdefault(name.strip("` "), []).append(text[: ends[0]])
        for turn, end in zip(turns, ends[1:], strict=True):
            found.setdefault(turn[1], []).append(text[turn.end() : end])
    return {name: " ".join(texts) for name, texts in found.items()}


def _mention(docstring: str, field: str) -> str:
    """The first clause that speaks of a field."""
    clauses = _CLAUSE.split(_FENCE.sub("", docstring))
    said = next((clause for clause in clauses if re.search(rf"`{field}`", clause)), "")
    return " ".join(said.split()).removeprefix("Fields: ").removeprefix("- ")


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


def _from_source(cls: type[Any]) -> dict[str, str]:
    """Each field's meaning from the string below it, or else the comment behind it."""
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):  # a class made without a source file
        return {}
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.ClassDef):
        return {}
    comments = {
        token.start[0]: token.string.lstrip("#: ")
        for token in tokenize.generate_tokens(StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: dict[str, str] = {}
    for statement, following in zip(definition.body, [*definition.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = _string(following) or comments.get(statement.end_lineno or 0, "")
            found[statement.target.id] = " ".join(text.split())
    return found


def _string(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else ""
    return ""
