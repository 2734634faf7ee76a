"""An evaluation goes on in its own folder, and another begins anew and says why."""

from pathlib import Path

import attrs
import numpy as np
import pytest

from invsolve.evaluation.identity import Identity
from invsolve.evaluation.joint_table import place_of
from invsolve.metrics import PSNR
from invsolve.recipe import Recipe, load_one


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    np.save(tmp_path / "kernel.npy", np.ones((3, 3)))
    (tmp_path / "toy.yaml").write_text(
        f"""\
recipe: 1
input: {{read: npz, path: none.npz, transfer: linear}}
operator: {{use: convolution, file: {tmp_path / "kernel.npy"}}}
prior: {{use: spectral_gaussian}}
sampler: {{use: dps, steps: 2}}
"""
    )
    return load_one(tmp_path / "toy.yaml")


def kept(out: Path, identity: Identity) -> Path:
    folder = out / identity.hash8
    folder.mkdir(parents=True)
    identity.keep(folder)
    return folder


def test_the_first_one_and_the_same_one_have_no_reason(recipe: Recipe, tmp_path: Path):
    identity, out = Identity.of(recipe, tmp_path / "a"), tmp_path / "out"
    assert identity.begins_anew(out / identity.hash8) == ""
    folder = kept(out, identity)
    assert Identity.of(recipe, tmp_path / "a").begins_anew(folder) == ""


@pytest.mark.parametrize("source", [None, "b"])
def test_other_clips(recipe: Recipe, tmp_path: Path, source: str | None):
    folder = kept(tmp_path / "out", Identity.of(recipe, tmp_path / "a"))
    other = Identity.of(recipe, None if source is None else tmp_path / source)
    said = "their own numbers" if source is None else str(tmp_path / source)
    reason = other.begins_anew(folder.parent / other.hash8)
    assert reason == f"begun anew in {folder.parent / other.hash8}, beside {folder}, since its clips are of {said}"


def test_files_of_other_content_metrics_and_versions(recipe: Recipe, tmp_path: Path):
    folder = kept(tmp_path / "out", Identity.of(recipe, None))
    measured = Identity.of(attrs.evolve(recipe, metrics=(PSNR(),)), None)
    assert "since its metrics are others" in measured.begins_anew(folder.parent / measured.hash8)
    older = Identity({**Identity.of(recipe, None).facts, "distributions": {"invsolve": "0.0.1"}})
    assert "since its parts have other versions" in older.begins_anew(folder.parent / older.hash8)
    np.save(tmp_path / "kernel.npy", np.eye(3))
    blurred = Identity.of(recipe, None)
    assert "since its weights or files hold something else" in blurred.begins_anew(folder.parent / blurred.hash8)
    assert len({each.hash8 for each in (measured, older, blurred)} | {folder.name}) == 4


def test_another_recipe_of_the_same_name_is_no_reason(recipe: Recipe, tmp_path: Path):
    """As in a sweep, whose recipes share their name."""
    folder = kept(tmp_path / "out", Identity.of(recipe, None))
    other = Identity.of(attrs.evolve(recipe, seed=7), None)
    assert other.begins_anew(folder.parent / other.hash8) == ""


def test_joint_tables_of_other_evaluations_stand_side_by_side(tmp_path: Path):
    usual, line = place_of(tmp_path, ["aaaa", "bbbb"])
    assert usual == tmp_path / "compare.md"
    usual.write_text(f"the table\n{line}\n")
    assert place_of(tmp_path, ["aaaa", "bbbb"]) == (usual, line)
    beside, other = place_of(tmp_path, ["aaaa", "cccc"])
    assert beside.parent == tmp_path and beside != usual and other != line
    assert place_of(tmp_path, ["bbbb", "aaaa"])[0] not in (usual, beside)
