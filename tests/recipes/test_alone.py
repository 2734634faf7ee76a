"""With this distribution alone every recipe is found by its name, and checks, or says which distribution it needs."""

from importlib.metadata import entry_points

import pytest

from invsolve.errors import RecipeError
from invsolve.plugin import Catalog
from invsolve.plugin.elsewhere import DISTRIBUTIONS
from invsolve.recipe import load

NAMES = [recipe.name for recipe in Catalog.discover({"INVSOLVE_PLUGINS": "core"}).recipes]


@pytest.fixture(scope="module")
def alone():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "invsolve.plugin.discover.entry_points",
            lambda group: [point for point in entry_points(group=group) if point.dist.name == "invsolve"],
        )
        yield Catalog.discover({})


@pytest.mark.parametrize("name", NAMES)
def test_it_checks_or_names_what_is_missing(name, alone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        assert load(name, catalog=alone)
    except RecipeError as error:
        assert any(f"`pip install {distribution}`" in str(error) for distribution in DISTRIBUTIONS), error
