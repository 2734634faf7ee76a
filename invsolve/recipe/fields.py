"""The fields of an attrs class as a recipe sees them: key, type, default, meaning."""

import typing
from typing import Any, final

import attrs

from invsolve.errors import ComponentError
from invsolve.plugin import base_of, recipe_key
from invsolve.plugin.contract import BASES
from invsolve.plugin.describe import describe


@final
@attrs.frozen
class RecipeField:
    """One field of a component.

    Attributes:
        key: its name in a recipe.
        argument: its name in the constructor.
        type: its annotation, resolved.
        attribute: the attrs field itself.
    """

    key: str
    argument: str
    type: Any
    attribute: "attrs.Attribute[Any]"

    @property
    def required(self) -> bool:
        """True without a default."""
        return self.attribute.default is attrs.NOTHING

    def default(self) -> Any:
        """The default value, or `attrs.NOTHING` if there is none, or if it depends on other fields."""
        return default_of(self.attribute)


def default_of(attribute: "attrs.Attribute[Any]") -> Any:
    """An attrs field's default, or `attrs.NOTHING` if there is none, or if it is made from other fields."""
    default: Any = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # typed as a function, is a class
        return attrs.NOTHING if default.takes_self else default.factory()
    return default


def recipe_fields(cls: type[Any]) -> tuple[RecipeField, ...]:
    """The fields of `cls` that a recipe can write, in the order of the class.

    A field with `metadata={"recipe": False}` is left out.

    Raises:
        ComponentError: if the annotations of `cls` cannot be read.
    """
    types = _types(cls)
    return tuple(
        RecipeField(recipe_key(each.name), each.alias, types.get(each.name, each.type), each)
        for each in attrs.fields(cls)
        if each.init and each.metadata.get("recipe", True)
    )


def meanings(cls: type[Any]) -> dict[str, str]:
    """The meaning of each field of a class, by recipe key."""
    return {field.key: field.meaning for field in describe(cls, "", "").fields}


def _types(cls: type[Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    abstract = {target.partition(":")[2]: kind for kind, target in BASES.items()}
    while True:
        try:
            return typing.get_type_hints(cls, localns=known, include_extras=True)
        except NameError as error:
            # a class may import the abstract classes for type checkers only
            name = str(error.name)
            if name not in abstract or name in known:
                raise ComponentError(f"the annotations of {cls.__name__} cannot be read: {error}.") from error
            known[name] = base_of(abstract[name])
        except Exception as error:  # annotations are foreign code
            raise ComponentError(f"the annotations of {cls.__name__} cannot be read: {error}.") from error
