"""One style for fields, so that `plugins show`, the schema and messages need no guessing."""

import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import attrs
import pytest

from invsolve.plugin import Catalog
from invsolve.plugin.catalog import Entry
from invsolve.plugin.describe import field_meanings
from invsolve.plugin.docstring import documentation
from invsolve.recipe import Recipe
from invsolve.recipe.fields import recipe_fields
from invsolve.recipe.kinds import kind_of
from invsolve_priors.training.recipe import TrainingRecipe

PACKAGES = (
    "invsolve",
    "invsolve_operators",
    "invsolve_priors",
    "invsolve_samplers",
    "invsolve_azula",
    "invsolve_diffusers",
)
COMPONENTS = [entry for entry in Catalog.discover({}).entries if entry.component.kind != "command"]
OTHER_STYLE = re.compile(r"^(Fields|Arguments|Sources?):|^\*\*(Source|Raises)|^Raises `", re.MULTILINE)


def name_of(entry: Entry) -> str:
    return f"{entry.component.kind} {entry.component.name}"


@pytest.mark.parametrize("entry", COMPONENTS, ids=name_of)
def test_every_field_of_every_component_is_documented(entry: Entry) -> None:
    cls = Catalog.discover({}).load_entry(entry)
    said = field_meanings(cls)
    silent = [field.name for field in attrs.fields(cls) if field.init and not said.get(field.name)]
    assert not silent, f"{cls.__name__} does not say what {', '.join(silent)} means, below `Attributes:`"
    assert not OTHER_STYLE.search(inspect.cleandoc(cls.__doc__ or "")), cls
    listed = set(documentation(cls.__doc__).listed) & {field.name for field in attrs.fields(cls)}
    assert not listed, f"{cls.__name__} explains {listed} in a list, not below `Attributes:`"


def inside(cls: type[Any]) -> Iterator[type[Any]]:
    """The attrs classes that fields of a class may hold and that are no components, such as a `Placement`."""
    for field in recipe_fields(cls):
        for kind in (field.type, *typing.get_args(field.type)):
            if isinstance(kind, type) and attrs.has(kind) and kind_of(kind) is None:
                yield kind
                yield from inside(kind)


def test_all_that_recipes_write_is_documented() -> None:
    catalog = Catalog.discover({})
    roots = [Recipe, TrainingRecipe, *(catalog.load_entry(entry) for entry in COMPONENTS)]
    written = dict.fromkeys([Recipe, TrainingRecipe, *(each for root in roots for each in inside(root))])
    assert len(written) > 5
    silent = [
        f"{cls.__qualname__}.{field.name}"
        for cls in written
        for field in attrs.fields(cls)
        if field.init and not field_meanings(cls).get(field.name)
    ]
    assert not silent, silent


def classes(package: str) -> Iterator[type]:
    """The attrs classes of a package, each once."""
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            for found in vars(import_module(module.name)).values():
                if isinstance(found, type) and attrs.has(found) and found.__module__ == module.name:
                    yield found


def choices(cls: type[Any]) -> set[str]:
    """The words that one of its fields may be, which an item may explain too."""
    kinds = [field.type for field in attrs.fields(cls)]
    return {word for kind in kinds if typing.get_origin(kind) is typing.Literal for word in typing.get_args(kind)}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_docstring_calls_a_field_is_there(package: str) -> None:
    """A field that was renamed and is documented under its old name (F8)."""
    wrong = []
    for cls in classes(package):
        fields = {name for field in attrs.fields(cls) for name in (field.name, field.alias)}
        documented = field_meanings(cls)
        # a class that lists any of its fields lists fields
        if fields & documented.keys():
            words = fields | set(dir(cls)) | choices(cls)
            wrong += [f"{cls.__qualname__}.{name}" for name in documented if name not in words]
    assert not wrong, wrong
