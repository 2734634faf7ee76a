"""`sweep` and `zip`: one recipe that stands for many."""

import itertools
import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, final

import attrs

from invsolve.recipe.fault import Fault, Faulty, faulty, gathered
from invsolve.recipe.node import NAMING, Listing, Node, Scalar, Table, dotted, in_words, plain
from invsolve.recipe.override import SWEEPS, UNSETTABLE, Override, place

MOST: Final = 10_000  # recipes from one; more is a slip of the keyboard
_FIXED: Final = (*UNSETTABLE, *SWEEPS)
_EXAMPLE: Final = {"sweep": "sampler.scale: [0.5, 1.0]", "zip": "{sampler.steps: [10, 100], seed: [0, 1]}"}


@final
@attrs.frozen
class Variant:
    """One recipe of a sweep; the label tells it from the others: `scale=0.5, seed=0`."""

    label: str
    table: Table


@final
@attrs.frozen
class _Axis:
    """Paths that change together, and the values they take: one tuple for each point."""

    paths: tuple[str, ...]
    points: tuple[tuple[Node, ...], ...]


def expand(table: Table, faults: list[Fault]) -> tuple[Variant, ...]:
    """All recipes that `table` stands for: the product of every line of `sweep`, times the pairs of `zip`.

    The last path changes fastest. Faults of the two sections are added to `faults`.
    """
    axes: list[_Axis] = []
    for section, read in (("sweep", _product), ("zip", _pairs)):
        node = table.get(section)
        with gathered(faults, section):
            axes += read(node) if node is not None else []
    base = table.without(*SWEEPS)
    count = math.prod(len(axis.points) for axis in axes)
    if count > MOST:
        section = next(name for name in SWEEPS if name in table.entries)
        message = f"{count:,} recipes; at most {MOST:,} are allowed."
        faults.append(Fault(table.entries[section].key_origin, section, message))
        return ()
    paths = [path for axis in axes for path in axis.paths]
    twice = list(_twice(table, paths))
    if twice:
        faults += twice
        return ()
    variants: list[Variant] = []
    names = _short(paths)
    for points in itertools.product(*(axis.points for axis in axes)):
        values = [value for point in points for value in point]
        with gathered(faults):
            variants.append(Variant(_label(names, values), _changed(base, paths, values)))
    return tuple(variants)


def _changed(table: Table, paths: Iterable[str], values: Iterable[Node]) -> Table:
    for path, value in zip(paths, values, strict=True):
        table = place(table, Override(tuple(path.split(".")), value))
    return table


def _product(node: Node) -> list[_Axis]:
    return [_Axis((path,), tuple((value,) for value in values)) for path, values in _swept("sweep", node)]


def _pairs(node: Node) -> list[_Axis]:
    swept = _swept("zip", node)
    if len({len(values) for _, values in swept}) > 1:
        lengths = ", ".join(f"{path} has {len(values)}" for path, values in swept)
        raise faulty(node.origin, f"the lists must be of one length: {lengths}.")
    return [_Axis(tuple(path for path, _ in swept), tuple(zip(*(values for _, values in swept), strict=True)))]


def _swept(section: str, node: Node) -> list[tuple[str, tuple[Node, ...]]]:
    if not isinstance(node, Table) or not node.entries:
        raise faulty(node.origin, f"expected paths with their values, like {_EXAMPLE[section]}, got {in_words(node)}.")
    faults: list[Fault] = []
    swept: list[tuple[str, tuple[Node, ...]]] = []
    for path, entry in node.entries.items():
        with gathered(faults, path):
            if path.split(".")[0] in _FIXED or not all(path.split(".")):
                raise faulty(entry.key_origin, f"{path!r} cannot be swept.")
            swept.append((path, _values(entry.value)))
    if faults:
        raise Faulty(faults)
    return swept


def _values(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Table) and set(node.entries) == {"range"}:
        return tuple(_range(node.entries["range"].value))
    if not isinstance(node, Listing):
        raise faulty(node.origin, f"expected a list of values or {{range: [first, end]}}, got {in_words(node)}.")
    if not node.items:
        raise faulty(node.origin, "an empty list leaves nothing to run.")
    seen: set[str] = set()
    for item in node.items:
        text = repr(plain(item))
        if text in seen:
            raise faulty(item.origin, f"{in_words(item)} is listed twice.")
        seen.add(text)
    return node.items


def _range(node: Node) -> Iterator[Node]:
    numbers = plain(node)
    if (
        not isinstance(numbers, list)
        or len(numbers) not in (2, 3)
        or not all(type(n) in (int, float) and math.isfinite(n) for n in numbers)
    ):
        expected = "[first, end] or [first, end, step] in numbers"
        raise faulty(node.origin, f"expected {expected}, got {in_words(node)}.", "range")
    # decimals, so that 0.1, 0.2, 0.3 are these numbers and not their neighbours
    first, end, step = (Decimal(repr(number)) for number in [*numbers, 1][:3])
    if step == 0:
        raise faulty(node.origin, "the step must not be 0.", "range")
    count = math.ceil((end - first) / step)
    if count < 1:
        holds = f"{first}, {first + step}, ... up to but without {end}"
        raise faulty(node.origin, f"{numbers} is empty: it would hold {holds}.", "range")
    if count > MOST:
        raise faulty(node.origin, f"{count:,} values; at most {MOST:,} are allowed.", "range")
    whole = all(type(number) is int for number in numbers)
    for index in range(count):
        value = first + index * step
        yield Scalar(int(value) if whole else float(value), node.origin)


def _twice(table: Table, paths: list[str]) -> Iterator[Fault]:
    for section in SWEEPS:
        node = table.get(section)
        for path, entry in node.entries.items() if isinstance(node, Table) else ():
            outer = [other for other in paths if path.startswith(f"{other}.")]
            both = [path] if section == "zip" and paths.count(path) > 1 else []
            for other in outer + both:
                message = f"{other} is swept, too, so one would replace the other."
                yield Fault(entry.key_origin, dotted(section, path), message)


def _short(paths: list[str]) -> list[str]:
    """The last word of each path, or the whole path where that word is not the only one of its kind."""
    last = [next((key for key in reversed(path.split(".")) if not key.isdecimal()), path) for path in paths]
    return [word if last.count(word) == 1 else path for word, path in zip(last, paths, strict=True)]


def _label(names: list[str], values: list[Node]) -> str:
    return ", ".join(f"{name}={_word(value)}" for name, value in zip(names, values, strict=True))


def _word(node: Node) -> str:
    if isinstance(node, Scalar):
        word = "null" if node.value is None else str(node.value)
        return word.lower() if isinstance(node.value, bool) else word
    if isinstance(node, Listing):
        return "[" + ",".join(_word(item) for item in node.items) + "]"
    name = next((plain(entry.value) for key, entry in node.entries.items() if key in NAMING), "")
    fields = ",".join(f"{key}={_word(entry.value)}" for key, entry in node.entries.items() if key not in NAMING)
    return f"{name}({fields})" if fields else str(name) or "{}"
