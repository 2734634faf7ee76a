"""Every recipe we ship loads, resolves, fits the schema, and reloads as the same problem."""

from pathlib import Path

import pytest

from invsolve.plugin import Catalog
from invsolve.recipe import from_data, load, load_one, schema_of, to_data
from tests.recipes.json_schema import accepts

FOLDER = Path(__file__).parents[2] / "recipes"
SHIPPED = sorted(FOLDER.glob("**/*.yaml"))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.discover()


@pytest.fixture(scope="module")
def schema(catalog: Catalog) -> dict:
    return schema_of(catalog)


def test_there_are_recipes() -> None:
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_is_sound(path: Path, catalog: Catalog, schema: dict, tmp_path: Path) -> None:
    recipes = load(path, catalog=catalog)
    assert recipes
    for recipe in recipes:
        file = tmp_path / "resolved.yaml"
        file.write_text(recipe.dump(), encoding="utf-8")
        again = load_one(file, catalog=catalog)
        assert again.resolved == recipe.resolved
        assert again.hash8 == recipe.hash8
        assert accepts(schema, recipe.resolved, schema)
        for kind, part in {
            "reader": recipe.input,
            "operator": recipe.operator,
            "noise": recipe.noise,
            "prior": recipe.prior,
            "sampler": recipe.sampler,
        }.items():
            data = to_data(part, catalog)
            assert to_data(from_data(kind, data, catalog), catalog) == data


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_says_what_it_shows(path: Path) -> None:
    """For a reader who opens it: a comment before the first key, and completion in an editor."""
    head = path.read_text(encoding="utf-8").partition("recipe:")[0]
    assert "yaml-language-server" in head
    assert any(line.startswith("#") and "yaml-language-server" not in line for line in head.splitlines())
