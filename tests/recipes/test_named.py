"""Recipes go by their names: a path wins, `extends` takes them too, and mistakes are answered with what is near."""

from pathlib import Path

import pytest

from invsolve.cli import main
from invsolve.errors import RecipeError
from invsolve.plugin import BrokenPlugin, Catalog
from invsolve.recipe.extend import chain_files, read_extended
from invsolve.recipe.fault import Faulty
from invsolve.recipe.named import find_recipe, hint_at_installed, recipe_file
from invsolve.recipe.node import plain
from invsolve.testing.pretend import manifest_of, pretend

HOOK = """
from pathlib import Path
@hookimpl
def invsolve_recipes():
    return Path(__file__).parent / {folder!r}
"""


def bring(shelf: Path, distribution: str, **recipes: str) -> Path:
    """Pretend that a distribution brings these recipes; returns their folder."""
    folder = f"{distribution.replace('-', '_')}_recipes"
    manifest = manifest_of() + HOOK.format(folder=folder)
    pretend(shelf, distribution, manifest=manifest, modules={f"{folder}/{n}.yaml": t for n, t in recipes.items()})
    return shelf / folder


@pytest.fixture
def catalog(shelf, tmp_path, monkeypatch):
    bring(shelf, "invsolve-acme", base="# The base. It is plain.\nrecipe: 1\nseed: 1\n", both="recipe: 1\n")
    bring(shelf, "invsolve-other", both="recipe: 1\nseed: 2\n", child="recipe: 1\nextends: base\nsamples: 3\n")
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    monkeypatch.setenv("INVSOLVE_PLUGINS", "invsolve-acme,invsolve-other")
    return Catalog.discover({"INVSOLVE_PLUGINS": "invsolve-acme,invsolve-other"})


def test_a_name_finds_its_file_and_a_path_wins(catalog):
    assert recipe_file("base", catalog) == find_recipe("base", catalog).path
    assert find_recipe("base", catalog).summary == "The base"
    Path("base").write_text("recipe: 1\n")
    assert recipe_file("base", catalog) == Path("base")
    assert recipe_file("./nope.yaml", catalog) == Path("nope.yaml")


def test_a_name_of_two_plugins_is_not_guessed(catalog):
    with pytest.raises(RecipeError, match="'invsolve-acme:both' or 'invsolve-other:both' to choose"):
        recipe_file("both", catalog)
    assert recipe_file("Invsolve_Other:both", catalog).parent.name == "invsolve_other_recipes"
    with pytest.raises(RecipeError, match="'invsolve-acme:base' would be found"):
        recipe_file("invsolve-other:base", catalog)


def test_a_misspelt_name_is_answered_with_the_near_one(catalog):
    with pytest.raises(RecipeError, match=r"no installed recipe called 'bsae'\. Did you mean 'base'\?"):
        recipe_file("bsae", catalog)
    assert "write 'base' instead of the path" in hint_at_installed(Path("recipes/base.yaml"), catalog)
    assert hint_at_installed(Path("recipes/bsae.yaml"), catalog) == ""


def test_extends_takes_a_name_where_no_file_has_it(catalog):
    child = find_recipe("child", catalog).path
    assert plain(read_extended(child, catalog)) == {"recipe": 1, "seed": 1, "samples": 3}
    assert [path.stem for path in chain_files(child, catalog)] == ["child", "base"]
    (child.parent / "base").write_text("recipe: 1\nseed: 9\n")
    assert plain(read_extended(child, catalog)) == {"recipe": 1, "seed": 9, "samples": 3}


def test_extends_of_an_unknown_name_is_a_fault_with_its_place(catalog):
    Path("mine.yaml").write_text("recipe: 1\nextends: bsae\n")
    with pytest.raises(Faulty, match=r"mine\.yaml:2:10: extends: .*Did you mean 'base'"):
        read_extended(Path("mine.yaml"), catalog)


def test_a_folder_of_recipes_that_is_none_breaks_the_plugin(shelf):
    pretend(shelf, "invsolve-bad", manifest=manifest_of() + HOOK.format(folder="nowhere"))
    with pytest.raises(
        BrokenPlugin, match="`invsolve_recipes` of invsolve_bad_manifest must return an existing folder"
    ):
        Catalog.discover({"INVSOLVE_PLUGINS": "invsolve-bad", "INVSOLVE_STRICT_PLUGINS": "1"})


@pytest.mark.usefixtures("catalog")
def test_list_and_copy(capsys):
    assert main(["recipe", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "base   The base [invsolve-acme]"
    assert main(["recipe", "copy", "child", "new/folder"]) == 0
    assert sorted(path.name for path in Path("new/folder").iterdir()) == ["base.yaml", "child.yaml"]
    capsys.readouterr()
    assert main(["recipe", "copy", "base", "new/folder"]) == 2
    assert "exists already, and nothing is overwritten" in capsys.readouterr().err


def test_the_recipes_of_this_distribution_are_those_of_the_checkout():
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": "core"})
    folder = Path(__file__).parents[2] / "recipes"
    assert [recipe.path for recipe in catalog.recipes] == sorted(folder.glob("*.yaml"))
    assert all(recipe.summary for recipe in catalog.recipes)
