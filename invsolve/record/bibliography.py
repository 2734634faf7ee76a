"""BibTeX of every part of a recipe."""

from invsolve.parts import references_of
from invsolve.recipe import Recipe


def bibliography(recipe: Recipe) -> tuple[str, ...]:
    """The entries of all parts of `recipe`, without repeats; raises `ReadError` as `references_of` does."""
    return references_of(recipe)


def bibtex(entries: tuple[str, ...]) -> str:
    """The text of a .bib file."""
    if not entries:
        return "% no part of this run names a reference\n"
    return "\n\n".join(entry.strip() for entry in entries) + "\n"
