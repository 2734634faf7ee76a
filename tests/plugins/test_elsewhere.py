"""A name that another distribution of this project offers is answered with how to install it."""

import runpy
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from invsolve.cli import main
from invsolve.plugin import Catalog, UnknownComponent
from invsolve.plugin.elsewhere import DISTRIBUTIONS, offered_elsewhere

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(ROOT.glob("plugins/*/pyproject.toml"))


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_the_table_is_what_the_manifests_say(project):
    said = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    (module,) = said["entry-points"]["invsolve"].values()
    manifest = runpy.run_path(str(project.parent / f"{module.replace('.', '/')}.py"))
    listed: dict[str, set[str]] = {}
    for component in manifest["COMPONENTS"]:
        listed.setdefault(str(component.kind), set()).add(component.name)
    known = {kind: set(names) for kind, names in DISTRIBUTIONS[said["name"]].items()}
    assert known == listed, "bring invsolve/plugin/elsewhere.py up to date"


def test_every_distribution_of_the_repository_is_known():
    named = {tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"] for path in PROJECTS}
    assert named
    assert named <= set(DISTRIBUTIONS)


@pytest.fixture
def alone(monkeypatch):
    """An installation of invsolve without any of its other distributions."""
    monkeypatch.setattr(
        "invsolve.plugin.discover.entry_points",
        lambda group: [point for point in entry_points(group=group) if point.dist.name == "invsolve"],
    )


def test_a_name_says_where_it_is_to_be_had(alone):
    with pytest.raises(
        UnknownComponent, match=r"a prior called 'azula'\. invsolve-azula has it: `pip install invsolve-a"
    ):
        Catalog.discover({}).find("prior", "azula")
    assert offered_elsewhere("prior", "azula", {"invsolve-azula"}) == ""
    assert offered_elsewhere("operator", "azula") == ""


def test_a_recipe_and_a_command_say_it_too(alone, tmp_path, capsys):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "recipe: 1\ninput: {read: sample, name: coffee}\noperator: {use: identity}\n"
        "prior: {use: azula, path: ffhq.safetensors}\nsampler: {use: dps, steps: 2}\n"
    )
    assert main(["recipe", "check", str(recipe)]) == 2
    assert "mine.yaml:4:14: prior.use: " in (said := capsys.readouterr().err)
    assert "invsolve-azula has it: `pip install invsolve-azula`." in said
    assert main(["deblur", "photo.jpg"]) == 2
    said = capsys.readouterr().err
    assert "there is no command 'deblur'. invsolve-photographs has it: `pip install invsolve-photographs`." in said


def test_one_that_is_left_out_is_not_to_be_installed_again():
    narrow = Catalog.discover({"INVSOLVE_PLUGINS": "samplers"})
    with pytest.raises(UnknownComponent) as caught:
        narrow.find("prior", "photograph")
    assert "pip install" not in str(caught.value)
    assert "keeps out" in str(caught.value)
