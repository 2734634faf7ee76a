"""YAML to nodes: YAML 1.2, every node with its line and column, every mistake with its place."""

import re
from collections.abc import Iterator
from io import StringIO
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, final

import attrs
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from invsolve.errors import did_you_mean
from invsolve.recipe.fault import Fault, Faulty, faulty
from invsolve.recipe.node import Entry, Listing, Node, Origin, Scalar, Table, Value, in_words

MOST_NODES: Final = 200_000  # aliases can make a short file describe more than memory holds
DEEPEST: Final = 200  # YAML's scanner takes ever longer for every further bracket
_BRACKETS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_TAG: Final = "tag:yaml.org,2002:"
_WORDS: Final = {"null": None, "true": True, "false": False}
_REFUSED: Final = "is not allowed: recipes hold plain data, and name parts by `use:`."
_OLD: Final = re.compile(r"^%YAML\s+(?!1\.2\b)", re.MULTILINE)
_SUFFIXES: Final = (".yaml", ".yml")


def read_document(path: Path, rank: int = 0) -> Table:
    """Read a recipe file.

    Raises:
        Faulty: for a file that is missing, a folder, not UTF-8, not YAML, empty, or no mapping.
    """
    origin = Origin(rank, str(path), folder=path.absolute().parent)
    node = parse(_text(path, origin), origin)
    if node is None:
        raise faulty(origin.at(1, 1), "the file is empty; a recipe begins with `recipe: 1`.")
    if not isinstance(node, Table):
        raise faulty(node.origin, f"a recipe is a mapping that begins with `recipe: 1`, got {in_words(node)}.")
    return node


def parse(text: str, origin: Origin, lines: bool = True) -> Node | None:
    """Parse YAML; None if there is nothing in it. Without `lines`, all nodes stand at `origin` itself.

    Raises:
        Faulty: with every fault found.
    """
    old = _OLD.search(text)
    if old:
        raise faulty(_place(origin, text, old.start()), "recipes are YAML 1.2; remove this line.")
    if max(accumulate(_BRACKETS.get(character, 0) for character in text), default=0) > DEEPEST:
        raise faulty(origin, f"nested too deeply; {DEEPEST} levels are allowed.")
    try:
        root = YAML(typ="rt", pure=True).compose(StringIO(text))
        return None if root is None else _Reading(origin, lines).node(root)
    except ReaderError as error:
        place = _place(origin, text, error.position) if lines else origin
        raise faulty(place, f"the character {_character(error.character)} is not allowed in YAML.") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = origin.at(mark.line + 1, mark.column + 1) if mark and lines else origin
        raise faulty(place, _plainly(error)) from None
    except YAMLError as error:
        raise faulty(origin, f"not valid YAML: {error}") from None
    except RecursionError:
        raise faulty(origin, "nested too deeply.") from None


def _text(path: Path, origin: Origin) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        near = [each.name for each in _siblings(path)]
        raise faulty(origin, f"there is no such file.{did_you_mean(path.name, near)}") from None
    except (IsADirectoryError, PermissionError) as error:
        if path.is_dir():
            raise faulty(origin, "this is a folder; name a recipe file, or a run's folder.") from None
        raise faulty(origin, f"it cannot be read: {error.strerror}.") from None
    except OSError as error:
        raise faulty(origin, f"it cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise faulty(origin, f"it cannot be read: {error}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise faulty(
            origin.at(line, column), f"the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8 text."
        ) from None


def _siblings(path: Path) -> Iterator[Path]:
    try:
        yield from (each for each in path.parent.iterdir() if each.suffix in _SUFFIXES)
    except OSError:
        return


def _place(origin: Origin, text: str, position: int) -> Origin:
    return origin.at(text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1) + 1)


def _character(character: Any) -> str:
    return f"U+{character:04X}" if isinstance(character, int) else f"U+{ord(character):04X}"


def _plainly(error: MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or error).split())
    if "'\\t'" in problem:
        return "a tab; YAML is indented with spaces only."
    if "expected a single document" in str(error.context):
        return "a second document begins here; a recipe is one document, without `---` in it."
    context = f" ({error.context})" if error.problem and error.context else ""
    return f"not valid YAML: {problem}{context}."


@final
@attrs.define
class _Reading:
    """Turns the nodes of one document into ours, and follows its aliases."""

    origin: Origin
    lines: bool
    count: int = 0
    open: list[int] = attrs.field(factory=list)

    def node(self, raw: Any) -> Node:
        origin = self._at(raw)
        self.count += 1
        if self.count > MOST_NODES:
            raise faulty(origin, f"aliases make this document larger than {MOST_NODES:,} values.")
        if id(raw) in self.open:
            raise faulty(origin, f"the anchor &{raw.anchor} contains itself.")
        tag = str(raw.tag)
        if not tag.startswith(_TAG):
            raise faulty(origin, f"the tag {tag} {_REFUSED}")
        kind = tag.removeprefix(_TAG)
        if isinstance(raw, ScalarNode):
            return Scalar(self._value(raw, kind, origin), origin)
        if kind not in ("map", "seq"):
            raise faulty(origin, f"the tag !!{kind} {_REFUSED}")
        self.open.append(id(raw))
        try:
            if isinstance(raw, SequenceNode):
                return Listing(tuple(self.node(item) for item in raw.value), origin)
            return self._table(raw, origin)
        finally:
            self.open.pop()

    def _table(self, raw: MappingNode, origin: Origin) -> Table:
        entries: dict[str, Entry] = {}
        faults: list[Fault] = []
        for key, value in raw.value:
            place = self._at(key)
            if str(key.tag) == f"{_TAG}merge":
                faults.append(Fault(place, "<<", "merge keys are not supported; repeat the lines, or use `extends`."))
                continue
            if not isinstance(key, ScalarNode) or str(key.tag) != f"{_TAG}str":
                shown = repr(key.value) if isinstance(key, ScalarNode) else "a list or mapping"
                faults.append(Fault(place, "", f"keys must be text, got {shown}; put it in quotes."))
                continue
            name = str(key.value)
            if name in entries:
                first = entries[name].key_origin
                faults.append(Fault(place, name, f"duplicate key; it stands first at {first}."))
                continue
            try:
                entries[name] = Entry(place, self.node(value))
            except Faulty as found:
                faults += [fault.under(name) for fault in found.faults]
        if faults:
            raise Faulty(faults)
        return Table(entries, origin)

    def _value(self, raw: ScalarNode, kind: str, origin: Origin) -> Value:
        text = str(raw.value)
        if kind in ("str", "timestamp", "value", "merge"):
            return text
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return bool(_WORDS[text.lower()])
            if kind == "int":
                return _integer(text)
            if kind == "float":
                return _decimal(text)
        except (ValueError, KeyError):
            raise faulty(origin, f"{text[:40]!r} is not a number.") from None
        raise faulty(origin, f"the tag !!{kind} {_REFUSED}")

    def _at(self, raw: Any) -> Origin:
        if not self.lines:
            return self.origin
        return self.origin.at(raw.start_mark.line + 1, raw.start_mark.column + 1)


def _integer(text: str) -> int:
    digits = text.replace("_", "").lower()
    sign, digits = (-1, digits[1:]) if digits[:1] == "-" else (1, digits.removeprefix("+"))
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    return sign * int(digits, base)


def _decimal(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign, digits = (-1.0, digits[1:]) if digits[:1] == "-" else (1.0, digits.removeprefix("+"))
    return sign * float(digits.removeprefix(".")) if digits in (".inf", ".nan") else sign * float(digits)
