"""From a component to its form in a recipe: the reverse of `invsolve.recipe.structure`."""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

import attrs

from invsolve.errors import ComponentError
from invsolve.plugin import Catalog
from invsolve.recipe.fields import recipe_fields
from invsolve.recipe.kinds import kind_of, naming_key
from invsolve.recipe.node import NAMING
from invsolve.recipe.scalars import enum_word
from invsolve.recipe.structure import is_array


def to_data(value: Any, catalog: Catalog | None = None, defaults: bool = True) -> Any:
    """The recipe form of a component, or of a value of one of its fields.

        to_data(TemporalAverage(frames=4))      # {"use": "temporal_average", "frames": 4, ...}

    A pipeline is the list of its operators. Without `defaults`, fields that have their default value are left out.

    Raises:
        UnknownComponent: for a component that no plugin offers.
        ComponentError: for a value no recipe can write.
    """
    return _data(value, catalog or Catalog.discover(), defaults)


def fields_data(component: Any, catalog: Catalog, defaults: bool = True) -> dict[str, Any]:
    """The fields of an attrs instance as a recipe writes them."""
    data: dict[str, Any] = {}
    for field in recipe_fields(type(component)):
        written = _data(getattr(component, field.attribute.name), catalog, defaults)
        if not defaults and not field.required:
            default = field.default()
            if default is not attrs.NOTHING and _data(default, catalog, defaults) == written:
                continue
        data[field.key] = written
    return data


def sorted_data(data: Any) -> Any:
    """Plain data with every mapping sorted by key, the names of components first."""
    if isinstance(data, dict):
        keys = sorted(data, key=lambda key: (key not in NAMING, key))
        return {key: sorted_data(data[key]) for key in keys}
    return [sorted_data(item) for item in data] if isinstance(data, list) else data


def _data(value: Any, catalog: Catalog, defaults: bool) -> Any:
    for fits, written in _FORMS:
        if fits(value):
            return written(value, catalog, defaults)
    raise ComponentError(f"a value of type {type(value).__name__} cannot be written in a recipe: {value!r}.")


def _component_data(value: Any, catalog: Catalog, defaults: bool) -> Any:
    kind = str(kind_of(type(value)))
    if kind == "operator":
        from invsolve.operator.pipeline import LinearPipeline, Pipeline

        if isinstance(value, Pipeline | LinearPipeline):
            return [_data(part, catalog, defaults) for part in value.operators]
    return {naming_key(kind): catalog.name_of(type(value)), **fields_data(value, catalog, defaults)}


def _array_data(value: Any, _: Catalog, __: bool) -> Any:
    from invsolve.recipe.arrays import array_data

    return array_data(value)


def _list_data(value: Any, catalog: Catalog, defaults: bool) -> list[Any]:
    return [_data(item, catalog, defaults) for item in value]


def _set_data(value: Any, catalog: Catalog, defaults: bool) -> list[Any]:
    # a set has no order of its own, but the same set must have the same form
    return sorted(_list_data(value, catalog, defaults), key=repr)


def _mapping_data(value: Any, catalog: Catalog, defaults: bool) -> dict[str, Any]:
    return {str(key): _data(item, catalog, defaults) for key, item in value.items()}


_FORMS: Final[tuple[tuple[Callable[[Any], bool], Callable[[Any, Catalog, bool], Any]], ...]] = (
    (lambda value: kind_of(type(value)) is not None, _component_data),
    (lambda value: isinstance(value, Enum), lambda value, *_: enum_word(value)),
    (lambda value: value is None or isinstance(value, bool | int | float | str), lambda value, *_: value),
    (lambda value: isinstance(value, Path), lambda value, *_: str(value)),
    (lambda value: isinstance(value, list | tuple), _list_data),
    (lambda value: isinstance(value, frozenset), _set_data),
    (lambda value: isinstance(value, Mapping), _mapping_data),
    (lambda value: is_array(type(value)), _array_data),
    (lambda value: attrs.has(type(value)), fields_data),
)
