"""Every distribution says who made it, under which licence, and carries the licence with it; READMEs stand alone."""

import re
import tomllib
from pathlib import Path

import pytest

import invsolve

ROOT = Path(__file__).parents[2]
PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
PYTHONS = [f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)]


@pytest.fixture(params=PROJECTS, ids=lambda path: path.name)
def project(request):
    return request.param


@pytest.fixture
def said(project):
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def test_it_says_who_made_it_and_where_it_lives(said):
    metadata = said["project"]
    assert metadata["authors"] == [{"name": "The invsolve authors"}]
    assert set(metadata["urls"]) >= {"Homepage", "Documentation", "Changelog", "Issues"}
    assert set(PYTHONS) <= set(metadata["classifiers"])
    assert metadata["license"] == "Apache-2.0"


def test_the_version_stands_in_one_place(project, said):
    assert said["project"]["dynamic"] == ["version"]
    assert (project / said["tool"]["hatch"]["version"]["path"]).resolve() == Path(invsolve.__file__).resolve()


def test_the_licence_goes_along_and_so_does_the_model_card_of_weights(project, said):
    files = said["project"]["license-files"]
    assert files[:2] == ["LICENSE", "NOTICE"]
    assert (project / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "The invsolve authors" in (project / "NOTICE").read_text(encoding="utf-8")
    if project != ROOT and list(project.glob("invsolve_*/*.safetensors")):
        assert "**Licence:**" in (project / files[2]).read_text(encoding="utf-8")


def test_the_readme_can_be_read_on_the_index(project):
    """Links into the repository have the address of the repository, and what they name is there."""
    text = (project / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    ours = (
        r"https://(?:github\.com/invsolve/invsolve/(?:blob|tree)|raw\.githubusercontent\.com/invsolve/invsolve)/main/"
    )
    paths = re.findall(rf"\]\({ours}([^)#\s]+)", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_extra_of_the_messages_is_one_of_the_toolkit():
    from invsolve.extras import EXTRAS

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {"cv2": "opencv", "skimage": "scikit-image"}
    for package, extra in EXTRAS.items():
        wanted = names.get(package, package).lower()
        assert any(wanted in requirement.lower() for requirement in extras[extra]), (package, extra)
