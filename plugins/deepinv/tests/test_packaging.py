"""What holds without deepinv."""

import sys

import pytest

from invsolve.cli import main
from invsolve.testing import check_components, check_manifest_is_light
from invsolve_deepinv.library import library

RECIPE = """
recipe: 1
input: {read: sample, name: cat}
operator: {use: deepinv_physics, physics: Denoising}
prior: {use: spectral_gaussian}
sampler: {use: ddim}
"""


@pytest.fixture
def uncached():
    library.cache_clear()
    yield
    library.cache_clear()


def test_deepinv_is_here_for_all_other_tests():
    pytest.importorskip("deepinv", reason="tests against deepinv are left out: `make bridges` installs it")


def test_packaging():
    check_manifest_is_light("invsolve_deepinv._plugin")
    check_components("invsolve-deepinv")


def test_its_absence_is_one_sentence(tmp_path, monkeypatch, capsys, uncached):
    monkeypatch.setitem(sys.modules, "deepinv", None)  # as where it is not installed
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    assert main(["recipe", "check", str(tmp_path / "recipe.yaml")]) == 2
    said = capsys.readouterr()
    assert "recipe.yaml:4:" in said.err
    assert "deepinv is not installed, and invsolve-deepinv bridges to it. Write `pip install" in said.err
    assert "Traceback" not in said.out + said.err
