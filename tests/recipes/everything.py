"""The component with a field of every type, made from data."""

import pytest

from invsolve.recipe import BadRecipe, from_data
from tests.recipes.parts import CATALOG, Everything


def everything(**fields: object) -> Everything:
    return from_data("prior", {"use": "everything", "whole": 1, **fields}, CATALOG)


def faults_of(**fields: object) -> list[str]:
    with pytest.raises(BadRecipe) as caught:
        everything(**fields)
    return [f"{fault.path}: {fault.message}" for fault in caught.value.faults]
