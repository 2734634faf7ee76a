"""`Part`: what a recipe can name; and the one walk through a part and everything inside it."""

import abc
import hashlib
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import ClassVar, Final

import attrs

from invsolve.files.sha256 import sha256_of
from invsolve.plugin.open_kind import OpenKind

MOST_HASHED: Final = 2**30
"""Bytes of a folder up to which `content_of` looks into its files; beyond, at their sizes and dates."""


class Part(abc.ABC):  # noqa: B024  each kind adds methods of its own
    """An operator, a prior, an optical flow, weights, ...: the abstract class of every kind of component is one.

    What is to be known of all parts, whatever their kind (references, the files they read, the distributions they come
    from), is asked of `walk`, so that no kind can be forgotten.

    Attributes:
        references: the BibTeX entries that a user of the part owes.
        component_kind: of the abstract class of a kind that a plugin opens: the kind.
    """

    references: ClassVar[tuple[str, ...]] = ()
    component_kind: ClassVar[OpenKind | None] = None

    @property
    def own_files(self) -> tuple[Path, ...]:
        """Files that decide what it does and that none of its fields names; raises `ReadError` if one is missing."""
        return ()

    @property
    def own_parts(self) -> tuple["Part", ...]:
        """The parts it is made of that none of its fields holds; raises `ReadError` where only a file could tell."""
        return ()


def walk(part: object, place: str = "") -> Iterator[tuple[str, object]]:
    """`part` and everything inside it, depth first, each with its place: ``prior.weights``, ``operator.0.frames``.

    Inside are the items of tuples, lists, sets and mappings, and the fields of attrs classes, but for those that no
    recipe writes. The parts that a part holds outside of its fields are asked for by `references_of` and `classes_of`
    alone, as it may take a file to name them.
    """
    yield place, part
    for key, inner in _inside(part):
        yield from walk(inner, f"{place}.{key}" if place else key)


def references_of(*parts: object) -> tuple[str, ...]:
    """The BibTeX entries of parts and of all parts inside them, without repeats, in the order of the walk.

    Raises:
        ReadError: where a part cannot tell what it is made of.
    """
    return tuple(dict.fromkeys(entry for part in _parts(parts) for entry in part.references))


def classes_of(*parts: object) -> tuple[type[Part], ...]:
    """The class of each part and of all parts inside them, without repeats; raises `ReadError` as `references_of`."""
    return tuple(dict.fromkeys(type(part) for part in _parts(parts)))


def files_of(part: object) -> Iterator[tuple[str, str]]:
    """The files that a part, or one inside it, reads, and the SHA-256 of what they hold.

    These are the files that fields name, as far as they are there, and each part's own.

    Raises:
        ReadError: for a file of a part's own that is missing.
    """
    for place, inner in walk(part):
        if isinstance(inner, Path) and inner.is_file():
            yield place, sha256_of(inner)
        elif isinstance(inner, Part):
            yield from _own(place, inner)


def own_files_of(part: object) -> Iterator[tuple[str, str]]:
    """`files_of`, without the files that fields name."""
    for place, inner in walk(part):
        if isinstance(inner, Part):
            yield from _own(place, inner)


def content_of(part: object) -> str:
    """SHA-256 of all that a part is: its values, and what the files and folders that it names hold, not their names.

    Raises:
        ReadError: for a file of a part's own that is missing.
    """
    digest = hashlib.sha256()
    for place, inner in walk(part):
        if isinstance(inner, Path):
            said = _content(inner)
        elif isinstance(inner, Part):
            said = " ".join([type(inner).__qualname__, *(sha256 for _, sha256 in _own(place, inner))])
        else:
            said = repr(inner) if isinstance(inner, str | int | float | bool | None) else type(inner).__qualname__
        digest.update(f"{place}\0{said}\0".encode())
    return digest.hexdigest()


def _content(path: Path) -> str:
    if path.is_file():
        return sha256_of(path)
    if not path.is_dir():
        return str(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    names = [file.relative_to(path).as_posix() for file in files]
    stats = [file.stat() for file in files]
    if sum(stat.st_size for stat in stats) <= MOST_HASHED:
        return repr([names, [sha256_of(file) for file in files]])
    # a data set: to read it through would take longer than what it is read for
    return repr([names, [(stat.st_size, stat.st_mtime_ns) for stat in stats]])


def _own(place: str, part: Part) -> Iterator[tuple[str, str]]:
    files = part.own_files
    for number, file in enumerate(files):
        yield place if len(files) == 1 else f"{place}.{number}", sha256_of(file)


def _parts(roots: tuple[object, ...]) -> Iterator[Part]:
    for root in roots:
        for _, part in walk(root):
            if isinstance(part, Part):
                yield part
                yield from _parts(part.own_parts)


def _inside(part: object) -> Iterator[tuple[str, object]]:
    if isinstance(part, tuple | list):
        yield from ((str(number), item) for number, item in enumerate(part))
    elif isinstance(part, Set):
        yield from ((str(number), item) for number, item in enumerate(sorted(part, key=repr)))
    elif isinstance(part, Mapping):
        yield from ((str(key), item) for key, item in part.items())
    elif attrs.has(kind := type(part)):
        for field in attrs.fields(kind):
            if field.init and field.metadata.get("recipe", True):
                yield field.name.removesuffix("_"), getattr(part, field.name)
