"""The recipes of docs/vdm_md.md: what they observe, what they ask for, and from what."""

from pathlib import Path

import pytest
import torch

from invsolve.recipe import Recipe, load_one
from invsolve.record.execution import Task

FOLDER = Path(__file__).parents[2] / "recipes"
NAMES = (
    "vdm_md",
    "vdm_md_fast",
    "vdm_md_mismatch_smooth",
    "vdm_md_mismatch_less_smooth",
    "vdm_md_linear_light",
    "video_deblur",
)


def recipe(name: str) -> Recipe:
    return load_one(FOLDER / f"{name}.yaml")


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    return {name: Task.prepare(recipe(name)) for name in NAMES}


def noise_of(task: Task) -> torch.Tensor:
    return (task.recording.video - task.problem.operator.forward(task.recording.truth)) / 0.01


@pytest.mark.parametrize("name", [name for name in NAMES if name != "vdm_md_mismatch_smooth"])
def test_observations_are_made_from_true_frames(tasks: dict[str, Task], name: str):
    """What is left of the observation after the operator on the true frames is white noise with a std of 0.01."""
    noise = noise_of(tasks[name])
    assert float(noise.std()) == pytest.approx(1.0, abs=0.03)
    assert abs(float(noise.mean())) < 0.03


def test_all_are_of_test_clips_with_ten_frames(tasks: dict[str, Task]):
    for name, task in tasks.items():
        assert task.recipe.input.from_.split == "test", name
        assert task.problem.space.frames == 10
        assert task.problem.space.frame_rate == pytest.approx(12.5)
        assert task.recipe.noise.std == 0.01


def test_the_smooth_blur_is_of_37_frames_of_the_same_motion(tasks: dict[str, Task]):
    smooth, less = tasks["vdm_md_mismatch_smooth"], tasks["vdm_md_mismatch_less_smooth"]
    torch.testing.assert_close(smooth.recording.truth, less.recording.truth, rtol=0, atol=1e-6)
    assert smooth.recipe.sampler == less.recipe.sampler
    assert smooth.problem.operator == less.problem.operator
    fine = smooth.recipe.input.from_.film.shoot("test", 0, 1)
    assert fine.shape[2] == 37
    # the same seed, the same noise: what is left is the difference of the two blurs
    wanted = fine.mean(2) - fine[:, :, ::4].mean(2)
    found = smooth.recording.video[:, :, 0] - less.recording.video[:, :, 0]
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)
    assert float(wanted.abs().max()) > 0.02


def test_steps():
    full, fast = (recipe(name).sampler for name in ("vdm_md", "vdm_md_fast"))
    # 0.8 of a norm in [-1, 1], which is twice that in [0, 1]
    assert (full.steps, full.guidance.convention, full.guidance.scale) == (1000, "unsquared", 1.6)
    assert fast.steps <= 50


def test_the_exposures_of_a_video(tasks: dict[str, Task]):
    task = tasks["video_deblur"]
    assert task.recording.space.frames == 2
    halves = task.recording.truth.unflatten(2, (2, 5)).mean(3)
    assert float((task.recording.video - halves).std()) == pytest.approx(0.01, rel=0.03)


def test_light_is_added_before_it_is_encoded(tasks: dict[str, Task]):
    task = tasks["vdm_md_linear_light"]
    assert (task.problem.space.transfer, task.recording.space.transfer) == ("linear", "srgb")
