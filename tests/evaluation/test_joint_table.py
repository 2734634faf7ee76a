"""Several methods in one table, and results of other programs beside them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve import GaussianNoise, Problem, VideoSpace
from invsolve.baselines import Files
from invsolve.cli import main
from invsolve.errors import CapabilityError, ReadError
from invsolve.media import Recording
from invsolve_operators import TemporalAverage
from invsolve_priors import SpectralGaussian

RECIPE = """
recipe: 1
input: {read: simulate, from: {read: blocksworld, split: test, index: 0, frames: 4, height: 16, width: 16, samples: 1}}
operator: {use: temporal_average, frames: 4}
noise: {use: gaussian, std: 0.02}
prior: {use: spectral_gaussian}
sampler: {use: ddim, steps: 2}
metrics: [psnr, middle_frame]
outputs: []
seed: 0
"""


def rows_of(text: str) -> dict[str, list[str]]:
    medians = text.partition("| gain over")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in medians.splitlines() if line[:1] == "|"]
    return {line[0]: line[1:] for line in lines if set(line[0]) != {"-"}}


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    (tmp_path / "one.yaml").write_text(RECIPE)
    (tmp_path / "two.yaml").write_text(RECIPE.replace("steps: 2", "steps: 4"))
    return tmp_path


def evaluate(folder: Path, *names: str, clips: str = "0..2", more: tuple[str, ...] = ()) -> str:
    paths = [str(folder / f"{name}.yaml") for name in names]
    assert main(["evaluate", *paths, "--clips", clips, "--out", str(folder / "out"), "--quiet", *more]) == 0
    return (folder / "out" / "compare.md").read_text()


def test_a_row_for_each_recipe_and_each_baseline_once(recipes):
    rows = rows_of(evaluate(recipes, "one", "two"))
    assert list(rows) == ["data 1", "one", "two", "repeated", "wiener"]
    heading = rows["data 1"]
    column = heading.index("PSNR, middle frame [dB] ↑")
    own = rows_of((next((recipes / "out" / "two").glob("*/table.md"))).read_text())
    assert rows["two"][column] == own["samples"][own["two"].index("PSNR, middle frame [dB] ↑")]
    assert rows["one"] != rows["two"]


def test_rows_are_about_the_clips_that_all_have(recipes):
    evaluate(recipes, "one", "two", clips="0..1")
    table = evaluate(recipes, "one", "two", clips="0..3")
    assert "3 clips that all of them have" in table


def test_other_data_have_a_part_of_their_own(recipes):
    (recipes / "other.yaml").write_text(RECIPE.replace("std: 0.02", "std: 0.1"))
    table = evaluate(recipes, "one", "other")
    assert "data 1: one; 2 clips" in table
    assert "data 2: other; 2 clips" in table


def problem(frames: int = 4) -> Problem:
    space = VideoSpace(frames=frames, height=16, width=16, transfer="linear")
    observed = torch.full((1, 3, 1, 16, 16), 0.5)
    return Problem(TemporalAverage(frames=frames), observed, SpectralGaussian(), GaussianNoise(std=0.1), space)


def recording(name: str) -> Recording:
    video = torch.full((1, 3, 1, 16, 16), 0.5)
    return Recording(video=video, space=VideoSpace.of(video, transfer="linear"), name=name, sha256="")


def test_results_are_found_by_the_name_of_the_recording(tmp_path):
    video = np.random.default_rng(0).random((4, 16, 16, 3))
    np.savez(tmp_path / "a.npz", video=video)
    (tmp_path / "b").mkdir()
    for number in range(4):
        Image.fromarray(np.full((16, 16, 3), 50 * number, np.uint8)).save(tmp_path / "b" / f"{number}.png")
    Image.fromarray(np.full((16, 16, 3), 200, np.uint8)).save(tmp_path / "c.png")
    baseline = Files(path=tmp_path, transfer="linear")
    found = baseline.estimate(problem(), recording("a"))
    np.testing.assert_allclose(found[0].permute(1, 2, 3, 0), video, atol=1e-6)
    found = baseline.estimate(problem(), recording("b"))
    np.testing.assert_allclose(found[0, 0, :, 0, 0] * 255, [0, 50, 100, 150], atol=1e-4)
    found = baseline.estimate(problem(), recording("c"))
    assert found.shape == (1, 3, 4, 16, 16)
    np.testing.assert_allclose(found * 255, 200, atol=1e-4)
    # a file's own light is turned into that of the solution
    decoded = Files(path=tmp_path).estimate(problem(), recording("c"))
    np.testing.assert_allclose(decoded, ((200 / 255 + 0.055) / 1.055) ** 2.4, atol=1e-5)


def test_results_that_are_missing_or_do_not_fit(tmp_path):
    with pytest.raises(CapabilityError, match="no result called a"):
        Files(path=tmp_path).estimate(problem(), recording("a"))
    np.savez(tmp_path / "a.npz", video=np.zeros((3, 16, 16, 3)))
    with pytest.raises(ReadError, match=r"= \(3, 3, 16, 16\), expected \(3, 4, 16, 16\)"):
        Files(path=tmp_path).estimate(problem(), recording("a"))
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ReadError, match=r"several results of a: a\.npz, a\.png"):
        Files(path=tmp_path).estimate(problem(), recording("a"))
    with pytest.raises(ReadError, match="does not exist"):
        Files(path=tmp_path / "nowhere").estimate(problem(), recording("a"))


def test_another_program_takes_part(recipes):
    (recipes / "results").mkdir()
    for number in range(2):
        picture = np.full((16, 16, 3), 128, np.uint8)
        Image.fromarray(picture).save(recipes / "results" / f"blocksworld_test_{number}.png")
    text = RECIPE + f"baselines: {{other: {{use: files, path: {recipes / 'results'}}}}}\n"
    (recipes / "one.yaml").write_text(text)
    rows = rows_of(evaluate(recipes, "one", "two"))
    column = rows["data 1"].index("PSNR, middle frame [dB] ↑")
    assert 5 < float(rows["other"][column].split()[0]) < 40
