"""An instance of a component to try laws on: its defaults, or the YAML example of its docstring."""

from typing import Any, Final, final

import attrs

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog
from invsolve.plugin.catalog import Entry
from invsolve.plugin.describe import describe
from invsolve.plugin.docstring import documentation
from invsolve.recipe import from_data
from invsolve.recipe.document import parse
from invsolve.recipe.fault import Faulty
from invsolve.recipe.kinds import naming_key
from invsolve.recipe.node import Origin, plain
from invsolve.sampler import Sampler

FEW_STEPS: Final = 4


@final
class NoExample(Exception):
    """No instance can be made, and why."""


def example(catalog: Catalog, entry: Entry, cls: type[Any]) -> object:
    """The component with its default fields, or else as its docstring's YAML example writes it.

    A sampler is given few steps.

    Raises:
        NoExample: where neither makes an instance.
    """
    try:
        return _quick(cls())
    except Exception as refused:  # a constructor may raise anything
        reason = str(refused)
    if "yaml" not in documentation(cls.__doc__).examples:
        raise NoExample(f"{_one_line(reason)}; its docstring has no YAML example")
    kind = entry.component.kind
    text = describe(cls, kind, catalog.recipe_name(entry)).yaml
    try:
        made = from_data(kind, _named(text, naming_key(kind)), catalog)
    except (Faulty, InvsolveError) as unusable:
        raise NoExample(f"{_one_line(reason)}; its YAML example: {_one_line(str(unusable))}") from unusable
    if type(made) is not cls:
        raise NoExample(f"{_one_line(reason)}; its YAML example makes a {type(made).__name__}")
    return _quick(made)


def _named(text: str, key: str) -> Any:
    """A component's entry in a recipe line: `operator: {use: x}`, `metrics: [{use: x}]`, or `use: x` itself."""
    node = parse(text, Origin(0, "recipe"))
    data = plain(node) if node else None
    while not (isinstance(data, dict) and key in data) and isinstance(data, dict | list) and data:
        data = next(iter(data.values() if isinstance(data, dict) else data))
    return data


def _quick(component: Any) -> object:
    """A sampler with few steps, anything else as it is."""
    many = isinstance(component, Sampler) and component.steps > FEW_STEPS
    return attrs.evolve(component, steps=FEW_STEPS) if many and "steps" in _fields(component) else component


def _fields(component: Any) -> tuple[str, ...]:
    return tuple(field.alias for field in attrs.fields(type(component)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
