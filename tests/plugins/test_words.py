"""A field whose type is a `Literal` takes the words of that `Literal` in Python too, and no others."""

import types
import typing

import attrs
import pytest

from invsolve.plugin import Catalog
from invsolve.plugin.contract import BASES
from invsolve.recipe.fields import RecipeField, recipe_fields

CATALOG = Catalog.discover()


def words_of(field: RecipeField) -> bool:
    arms = typing.get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,)
    return any(typing.get_origin(arm) is typing.Literal for arm in arms)


def fields_of_words() -> list[tuple[type, "attrs.Attribute"]]:
    classes = [CATALOG.load_entry(entry) for kind in BASES for entry in CATALOG.of_kind(kind)]
    return [(cls, field.attribute) for cls in classes for field in recipe_fields(cls) if words_of(field)]


FIELDS = fields_of_words()


def test_there_are_such_fields() -> None:
    assert len(FIELDS) > 30


@pytest.mark.parametrize(("cls", "field"), FIELDS, ids=[f"{cls.__name__}.{field.name}" for cls, field in FIELDS])
def test_a_stray_word_is_refused(cls: type, field: "attrs.Attribute") -> None:
    assert field.validator is not None
    with pytest.raises(Exception, match=rf"{field.name} must be one of .*, got 'nonsense'"):
        field.validator(object.__new__(cls), field, "nonsense")
