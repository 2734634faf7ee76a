"""`--set a.b=c`: change one value of a recipe from outside of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, final

import attrs

from invsolve.recipe.document import parse
from invsolve.recipe.fault import Fault, Faulty, faulty, gathered
from invsolve.recipe.node import NAMING, Entry, Listing, Node, Origin, Scalar, Table, dotted, in_words, is_null

COMMAND_LINE: Final = 1_000  # sorts behind every file
DEEPEST: Final = 50
SWEEPS: Final = ("sweep", "zip")
UNSETTABLE: Final = ("recipe", "extends")


@final
@attrs.frozen
class Override:
    """One `a.b=c`: the keys `("a", "b")` and the value."""

    keys: tuple[str, ...]
    value: Node

    @property
    def path(self) -> str:
        """`a.b`."""
        return dotted(*self.keys)


def read_override(text: str, number: int, folder: Path) -> Override:
    """Read `a.b=c`, the `number`-th of its kind; relative paths in it start from `folder`.

    Raises:
        Faulty: for any other text, and a value that is no YAML.
    """
    origin = Origin(COMMAND_LINE + number, f"--set #{number}", folder=folder)
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals:
        raise faulty(origin, f"expected PATH=VALUE, like sampler.steps=50, got {text!r}.")
    keys = _split(path)
    if keys[0] in UNSETTABLE:
        raise faulty(origin, "it belongs to the file; set the values themselves.", keys[0])
    if len(keys) > DEEPEST:
        raise faulty(origin, f"a path of {len(keys)} parts; no recipe is deeper than {DEEPEST}.", path[:40])
    if not all(keys):
        raise faulty(origin, f"{path!r} is not a path; a path is like sampler.steps or operator.0.frames.")
    try:
        node = parse(value, origin, lines=False)
    except Faulty as found:
        raise Faulty([fault.under(path) for fault in found.faults]) from None
    if node is None:
        raise faulty(origin, f"nothing behind '='; write {path}=null to delete it.", path)
    return Override(keys, node)


def override(table: Table, texts: Iterable[str], folder: Path, faults: list[Fault]) -> Table:
    """Apply `--set` options in their order. Those that cannot be applied are added to `faults`.

    An option for a swept value takes that value out of the sweep.
    """
    for number, text in enumerate(texts, 1):
        with gathered(faults):
            change = read_override(text, number, folder)
            table = place(_unswept(table, change), change)
    return table


def place(table: Table, change: Override) -> Table:
    """`table` with the value at a path replaced. Missing mappings are made; null deletes what is there.

    Raises:
        Faulty: if the path leads through something that has no such part.
    """
    placed = _placed(table, change.keys, 0, change.value)
    if not isinstance(placed, Table):
        raise TypeError(f"{change.path} replaced the whole recipe")
    return placed


def _placed(node: Node | None, keys: tuple[str, ...], depth: int, value: Node) -> Node:
    if depth == len(keys):
        return value
    if node is None or is_null(node):
        node = Table({}, value.origin)
    if isinstance(node, Scalar):
        here = dotted(*keys[:depth])
        message = f"{here} is {in_words(node)}, not a mapping, so it has no {keys[depth]!r}.{_instead(here, node)}"
        raise faulty(value.origin, message, dotted(*keys))
    return _in_table(node, keys, depth, value) if isinstance(node, Table) else _in_list(node, keys, depth, value)


def _in_table(node: Table, keys: tuple[str, ...], depth: int, value: Node) -> Node:
    key, old = keys[depth], node.get(keys[depth])
    if old is None and key.isdecimal() and any(name in node.entries for name in NAMING):
        here, path = dotted(*keys[:depth]), dotted(*keys[:depth], *keys[depth + 1 :])
        raise faulty(value.origin, f"{here} is one component, not a list; write {path}.", dotted(*keys))
    last = depth == len(keys) - 1
    if last and old is not None and is_null(value):
        return node.without(key)
    key_origin = value.origin if last or old is None else node.entries[key].key_origin
    return node.having(key, Entry(key_origin, _placed(old, keys, depth + 1, value)))


def _in_list(node: Listing, keys: tuple[str, ...], depth: int, value: Node) -> Node:
    index = _index(node, keys[depth], dotted(*keys[:depth]), value.origin, dotted(*keys))
    before, after = node.items[:index], node.items[index + 1 :]
    if depth == len(keys) - 1 and is_null(value):
        return attrs.evolve(node, items=before + after)
    return attrs.evolve(node, items=(*before, _placed(node.items[index], keys, depth + 1, value), *after))


def _index(node: Listing, key: str, here: str, origin: Origin, path: str) -> int:
    count = len(node.items)
    if not key.isdecimal():
        choices = f"write {here}.0.{key}" if count == 1 else f"write {here}.0.{key} up to {here}.{count - 1}.{key}"
        raise faulty(origin, f"{here} is a list of {count}; {choices}." if count else f"{here} is an empty list.", path)
    if int(key) >= count:
        numbers = f"they are numbered 0 to {count - 1}" if count else "it is empty"
        raise faulty(origin, f"{here} is a list of {count}, and has no item {key}: {numbers}.", path)
    return int(key)


def _instead(here: str, node: Scalar) -> str:
    return f" Write {here}={{use: {node.value}, ...}} to give it fields." if isinstance(node.value, str) else ""


def _split(path: str) -> tuple[str, ...]:
    first, _, rest = path.partition(".")
    # what is swept is itself a path: `sweep.sampler.scale` has two keys
    return (first, rest) if first in SWEEPS and rest else tuple(path.split("."))


def _unswept(table: Table, change: Override) -> Table:
    for section in SWEEPS:
        swept = table.get(section)
        if not isinstance(swept, Table):
            continue
        for path in swept.entries:
            if path == change.path:
                swept = swept.without(path)
            elif change.path.startswith(f"{path}."):
                where = swept.entries[path].key_origin
                raise faulty(
                    change.value.origin,
                    f"{path} is swept ({where}), and each of its values would replace this one. Set {path} as a whole, "
                    f"or {section}.{path}=null first.",
                    change.path,
                )
        kept = Entry(table.entries[section].key_origin, swept)
        table = table.having(section, kept) if swept.entries else table.without(section)
    return table
