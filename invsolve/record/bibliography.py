"""BibTeX of every part of a recipe."""

from collections.abc import Iterator

import attrs

from invsolve.media import Reader
from invsolve.metrics import Metric
from invsolve.prior.weights import Weights
from invsolve.recipe import Recipe
from invsolve.solving.references import references_of


def bibliography(recipe: Recipe) -> tuple[str, ...]:
    """The entries of all parts of `recipe`, without repeats, in the order of use."""
    parts = (recipe.input, recipe.operator, recipe.noise, recipe.prior, recipe.sampler, *recipe.metrics)
    return tuple(dict.fromkeys([*references_of(*parts), *_others(parts)]))


def bibtex(entries: tuple[str, ...]) -> str:
    """The text of a .bib file."""
    if not entries:
        return "% no part of this run names a reference\n"
    return "\n\n".join(entry.strip() for entry in entries) + "\n"


def _others(part: object) -> Iterator[str]:
    if isinstance(part, Reader | Metric | Weights):
        yield from part.references
    if isinstance(part, tuple):
        for item in part:
            yield from _others(item)
    elif attrs.has(kind := type(part)):
        for field in attrs.fields(kind):
            yield from _others(getattr(part, field.name))
