"""`extends`: a recipe that states only its difference from another one."""

from pathlib import Path
from typing import Final

import attrs

from invsolve.errors import RecipeError
from invsolve.plugin import Catalog
from invsolve.recipe.document import read_document
from invsolve.recipe.fault import BadRecipe, Faulty, faulty
from invsolve.recipe.named import NAME, find_recipe
from invsolve.recipe.node import NAMING, Entry, Scalar, Table, in_words, is_null, plain

VERSION: Final = 1  # of the recipe format
NOT_INHERITED: Final = ("extends", "name")  # a name names the file that holds it


def read_extended(path: Path, catalog: Catalog | None = None) -> Table:
    """Read a recipe file and everything it extends, merged; every value keeps its place in the file that holds it.

    Args:
        path: the recipe file.
        catalog: where `extends` finds recipes by their names; by default what is installed.

    Raises:
        Faulty: with every fault found.
    """
    chain = list(read_chain(path, catalog).values())
    merged = chain.pop().without("extends")
    while chain:
        merged = merge(merged.without(*NOT_INHERITED), chain.pop().without("extends"))
    return merged


def read_chain(path: Path, catalog: Catalog | None = None) -> dict[Path, Table]:
    """A recipe file and everything it extends, one after the other, each as it is written.

    Raises:
        Faulty: with every fault found.
    """
    chain: dict[Path, Table] = {}
    following: Path | None = path
    while following is not None:
        table = read_document(following, rank=len(chain))
        _check_version(table)
        chain[following] = table
        following = _parent(table, following, [each.resolve() for each in chain], catalog)
    return chain


def chain_files(path: Path, catalog: Catalog | None = None) -> tuple[Path, ...]:
    """The files of a recipe: itself and everything it extends.

    Raises:
        BadRecipe: with every fault found.
    """
    try:
        return tuple(read_chain(path, catalog))
    except Faulty as found:
        raise BadRecipe(found.faults, str(path)) from None


def merge(base: Table, change: Table) -> Table:
    """Lay `change` over `base`: mappings are merged key by key, anything else is replaced, null deletes."""
    merged = attrs.evolve(base, origin=change.origin)
    # the name first, so that the fields it comes with are not taken for those of the component it replaces
    for key, entry in sorted(change.entries.items(), key=lambda item: item[0] not in NAMING):
        if is_null(entry.value):
            merged = merged.without(key)
            continue
        old = merged.get(key)
        value = entry.value
        if isinstance(value, Table):
            # a mapping laid over nothing still loses its nulls, so that merging again changes nothing
            value = merge(old if isinstance(old, Table) else Table({}, value.origin), value)
        merged = merged.having(key, Entry(entry.key_origin, value))
    return merged


def _parent(table: Table, path: Path, seen: list[Path], catalog: Catalog | None) -> Path | None:
    node = table.get("extends")
    if node is None or is_null(node):
        return None
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise faulty(node.origin, f"expected the file name of one recipe, got {in_words(node)}.", "extends")
    parent = path.parent / node.value
    if not parent.exists() and NAME.fullmatch(node.value):
        try:
            parent = find_recipe(node.value, catalog or Catalog.discover()).path
        except RecipeError as error:
            raise faulty(node.origin, str(error), "extends") from None
    if not parent.is_file():
        try:
            read_document(parent)
        except Faulty as found:
            raise faulty(node.origin, f"{node.value!r}: {found.faults[0].message}", "extends") from None
    if parent.resolve() in seen:
        circle = " -> ".join(each.name for each in [*seen[seen.index(parent.resolve()) :], parent])
        raise faulty(node.origin, f"recipes extend each other in a circle: {circle}.", "extends")
    return parent


def _check_version(table: Table) -> None:
    node = table.get("recipe")
    if node is None:
        return
    value = plain(node)
    if type(value) is not int or value != VERSION:
        hint = (
            "upgrade invsolve to read it." if type(value) is int and value > VERSION else f"write `recipe: {VERSION}`."
        )
        raise faulty(
            node.origin, f"recipe format {value!r} is not known; this invsolve reads {VERSION}: {hint}", "recipe"
        )
