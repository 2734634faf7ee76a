"""The catalogue's pages of the parts that a recipe names."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, final

import attrs

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog
from invsolve.plugin.describe import FieldDescription, describe

KINDS: Final = ("input", "operator", "noise", "prior", "sampler", "metrics", "baselines")
"""Where a recipe names parts, in the order in which a reader asks for them."""


@final
@attrs.frozen
class ComponentPage:
    """One part: where the recipe names it, its page, and what the recipe gives its fields.

    Attributes:
        place: the path in the recipe, such as ``sampler.kernel``.
        name: its name in the catalogue.
        distribution: what offers it.
        prose: what it does.
        fields: its fields.
        given: the recipe's values of them, in words.
        known: False where no installed plugin offers it, so that there is no page.
    """

    place: str
    name: str
    distribution: str
    prose: str
    fields: tuple[FieldDescription, ...]
    given: Mapping[str, str]
    known: bool = True


def component_pages(resolved: str, catalog: Catalog) -> tuple[ComponentPage, ...]:
    """The page of every ``use:`` and ``read:`` of a resolved recipe (YAML); each part of the catalogue once."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        recipe = YAML(typ="safe", pure=True).load(resolved)
    except YAMLError:
        return ()
    if not isinstance(recipe, Mapping):
        return ()
    pages: dict[tuple[str, str], ComponentPage] = {}
    for place, name, given in _named(recipe):
        page = _page(place, name, given, catalog)
        pages.setdefault((page.distribution, page.name), page)
    return tuple(pages.values())


def _named(recipe: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for key in KINDS:
        yield from _inside(key, recipe.get(key))


def _inside(place: str, value: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        for word in ("use", "read"):
            if isinstance(value.get(word), str):
                yield place, value[word], {key: each for key, each in value.items() if key != word}
        for key, each in value.items():
            yield from _inside(f"{place}.{key}", each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _inside(f"{place}.{number}", each)


def _page(place: str, name: str, given: Mapping[str, Any], catalog: Catalog) -> ComponentPage:
    values = {key: _text(value) for key, value in given.items()}
    short = name.rpartition(":")[2]
    words = {word for word in place.split(".") if not word.isdigit()}
    namesakes = [entry for entry in catalog.entries if name in (entry.component.name, entry.qualified)]
    # a name may be that of parts of several kinds: the recipe's key says which
    singular = {"input": "reader", "metrics": "metric", "baselines": "baseline", "from": "reader"}
    kinds = {singular.get(word, word) for word in words}
    own = [entry for entry in namesakes if entry.component.kind in kinds] or namesakes
    if not own:
        return ComponentPage(place, name, "", "", (), values, known=False)
    entry = own[-1]
    try:
        page = describe(catalog.load_entry(entry), entry.component.kind, short)
    except InvsolveError:
        return ComponentPage(place, name, entry.distribution, entry.component.summary, (), values)
    return ComponentPage(place, name, entry.distribution, page.prose, page.fields, values)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("use") or value.get("read") or "see the recipe")
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
