"""A recipe before it is checked: scalars, lists and mappings that know where they were written."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypeAlias, final

import attrs

Value: TypeAlias = bool | int | float | str | None


@final
@attrs.frozen(order=True)
class Origin:
    """The place where something was written: `recipes/base.yaml:3:8`, or `--set #2`.

    Attributes:
        rank: the order in which sources are reported: the recipe, its parents, the command line.
        source: the file as it was named, or the option.
        line: counted from 1; 0 where the source has no lines.
        column: counted from 1; 0 where the source has no lines.
        folder: relative paths written here start from it.
    """

    rank: int
    source: str
    line: int = 0
    column: int = 0
    folder: Path = attrs.field(default=Path(), order=False, eq=False)

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source

    def at(self, line: int, column: int) -> "Origin":
        """The same source at another place."""
        return Origin(self.rank, self.source, line, column, self.folder)


@final
@attrs.frozen
class Scalar:
    """A number, a text, true, false or null."""

    value: Value
    origin: Origin


@final
@attrs.frozen
class Listing:
    """A list."""

    items: tuple["Node", ...]
    origin: Origin


@final
@attrs.frozen
class Entry:
    """The value of a key, and the place of the key."""

    key_origin: Origin
    value: "Node"


@final
@attrs.frozen
class Former:
    """The component that a mapping described before its `use` was replaced, and the fields that it left behind."""

    name: str
    left: frozenset[str]


@final
@attrs.frozen
class Table:
    """A mapping, its keys in the order of writing."""

    entries: dict[str, Entry]
    origin: Origin
    former: Former | None = None

    def get(self, key: str) -> "Node | None":
        """The value behind `key`, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def having(self, key: str, entry: Entry) -> "Table":
        """This mapping with `key` added or replaced.

        A replaced `use` (or `read`) is remembered, so that a field of the old component is reported as left over from
        it and not as a misspelling.
        """
        entries = {**self.entries, key: entry}
        left = frozenset(self.former.left if self.former else ()) - {key}
        former = attrs.evolve(self.former, left=left) if self.former else None
        old = self.get(key)
        if key in NAMING and isinstance(old, Scalar) and old.value != plain(entry.value):
            former = Former(str(old.value), left | (frozenset(self.entries) - frozenset(NAMING)))
        return attrs.evolve(self, entries=entries, former=former)

    def without(self, *keys: str) -> "Table":
        """This mapping with `keys` taken out."""
        kept = {key: entry for key, entry in self.entries.items() if key not in keys}
        former = attrs.evolve(self.former, left=self.former.left - set(keys)) if self.former else None
        return attrs.evolve(self, entries=kept, former=former)


NAMING: Final = ("use", "read")
"""The keys that name a component."""

Node: TypeAlias = Scalar | Listing | Table


def plain(node: Node) -> Any:
    """The node as Python data."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def from_plain(data: Any, origin: Origin) -> Node:
    """Python data as a node, all of it written at `origin`.

    Raises:
        TypeError: for anything that is not made of mappings with text keys, lists and scalars.
    """
    if isinstance(data, dict):
        if not all(isinstance(key, str) for key in data):
            raise TypeError(f"keys must be text, got {sorted(map(repr, data))}")
        return Table({key: Entry(origin, from_plain(value, origin)) for key, value in data.items()}, origin)
    if isinstance(data, list | tuple):
        return Listing(tuple(from_plain(item, origin) for item in data), origin)
    if data is None or isinstance(data, bool | int | float | str):
        return Scalar(data, origin)
    raise TypeError(f"{type(data).__name__} {data!r} is not plain data")


def is_null(node: Node) -> bool:
    """True if `node` is null."""
    return isinstance(node, Scalar) and node.value is None


def dotted(*parts: str | int) -> str:
    """`("operator", 0, "frames")` as `operator.0.frames`."""
    return ".".join(str(part) for part in parts if part != "")


def in_words(node: Node) -> str:
    """A node in the words of a message: `int 3`, `str 'a'`, `null`, `a list of 2`, `a mapping with frames, use`."""
    if isinstance(node, Scalar):
        return "null" if node.value is None else f"{type(node.value).__name__} {_shown(node.value)}"
    if isinstance(node, Listing):
        return f"a list of {len(node.items)}" if node.items else "an empty list"
    return f"a mapping with {listed(node.entries)}" if node.entries else "an empty mapping"


def listed(words: Iterable[object], most: int = 12) -> str:
    """`a, b, c`, cut off where it gets long."""
    texts = [str(word) for word in words]
    return ", ".join(texts[:most]) + (f", ... ({len(texts)} in all)" if len(texts) > most else "")


def _shown(value: Value) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
