"""Recipes that tell the prior what was observed."""

from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from invsolve.errors import CapabilityError, ReadError, RecipeError
from invsolve.recipe import load_one
from invsolve.record.execution import Task
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from tests.priors.tiny_models import SPACE, write

RECIPE = """
recipe: 1
input: {{read: npz, path: observed.npz, transfer: linear}}
operator: {operator}
noise: {{use: gaussian, std: 0.1}}
prior: {prior}
{condition}
sampler: {{use: ddim, steps: 2}}
seed: 0
"""
AVERAGE = "{use: temporal_average, frames: 2}"
MODEL = {"channels": 4, "depth": 1, "width": 16, "heads": 2}
NETWORKS = {
    "frame": STDiTConfiguration(**MODEL, interval_vector=48, observed_frame=True),
    "channels": STDiTConfiguration(**MODEL, condition_channels=4),
    "vector": STDiTConfiguration(**MODEL, condition_vector=4),
    None: STDiTConfiguration(**MODEL),
}
FRAME = "{use: exposure_conditioned, prior: {use: stdit, file: frame.safetensors}}"
TOLD = "condition: observation"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("conditional")
    for form, sizes in NETWORKS.items():
        write(folder / f"{form}.safetensors", denoiser=sizes, condition=form)
    rng = np.random.default_rng(0)
    np.savez(folder / "observed.npz", video=rng.random((1, SPACE.height, SPACE.width, 3)))
    np.savez(folder / "two.npz", video=rng.random((2, SPACE.height, SPACE.width, 3)))
    np.savez(folder / "small.npz", video=rng.random((2, SPACE.height // 2, SPACE.width // 2, 3)))
    return folder


def recipe(
    folder: Path, prior: str, condition: str = TOLD, operator: str = AVERAGE, observed: str = "observed"
) -> Path:
    path = folder / "recipe.yaml"
    text = RECIPE.format(prior=prior, condition=condition, operator=operator)
    path.write_text(text.replace("observed.npz", f"{observed}.npz"))
    return path


def test_a_picture_is_told_as_its_latent(folder):
    task = Task.prepare(load_one(recipe(folder, FRAME)))
    prior = task.recipe.prior
    assert prior.condition_form == "frame"
    torch.testing.assert_close(task.problem.condition, prior.encode(task.problem.observation))
    assert task.problem.condition.shape == (1, 4, 1, 4, 4)


def test_the_residual_of_an_autoencoder_is_no_part_of_the_condition(folder):
    prior = f"{{use: residual_image, frames: 2, std: 0.01, prior: {FRAME}}}"
    task = Task.prepare(load_one(recipe(folder, prior)))
    assert task.problem.condition.shape == (1, 4, 1, 4, 4)


@pytest.mark.parametrize("form", ["channels", "vector"])
def test_a_video_is_told_as_its_latent(form, folder):
    path = recipe(folder, f"{{use: stdit, file: {form}.safetensors}}", operator="identity", observed="two")
    task = Task.prepare(load_one(path))
    latent = task.recipe.prior.encode(task.problem.observation)
    wanted = latent if form == "channels" else latent.mean((3, 4)).transpose(1, 2)
    torch.testing.assert_close(task.problem.condition, wanted)
    found = task.problem.prior.predict(torch.randn(1, 4, 2, 4, 4), task.problem.prior.schedule.levels(4)[1], wanted)
    assert bool(torch.isfinite(found.z0).all())


def test_an_observation_of_another_size_is_taken_back_by_the_pseudo_inverse(folder):
    operator = "{use: downsample, factor: 2}"
    path = recipe(folder, "{use: stdit, file: channels.safetensors}", operator=operator, observed="small")
    task = Task.prepare(load_one(path))
    back = task.recipe.operator.pseudo_inverse(task.problem.observation)
    torch.testing.assert_close(task.problem.condition, task.recipe.prior.encode(back))


def test_a_nonlinear_operator_that_changes_the_size_is_refused(folder):
    operator = "[{use: camera_response, curve: gamma:2.2}, {use: downsample, factor: 2}]"
    path = recipe(folder, "{use: stdit, file: channels.safetensors}", operator=operator, observed="small")
    path.write_text(path.read_text().replace("transfer: linear", "transfer: srgb"))
    with pytest.raises(CapabilityError, match="needs a linear operator"):
        Task.prepare(load_one(path))


@pytest.mark.parametrize("guided", ["cfg", "apg", "cfg_plus_plus"])
def test_guidance_around_it(guided, folder):
    found = load_one(recipe(folder, f"{{use: {guided}, scale: 0.5, prior: {FRAME}}}"))
    assert Task.prepare(found).problem.condition is not None


@pytest.mark.parametrize(
    ("prior", "condition", "message"),
    [
        (
            FRAME,
            "",
            "ExposureConditioned predicts under a condition, and there is none: write `condition: observation`",
        ),
        (f"{{use: cfg, prior: {FRAME}}}", "", "CFG predicts under a condition"),
        ("{use: stdit, file: channels.safetensors}", "", "STDiT predicts under a condition"),
        ("{use: cfg, prior: {use: stdit, file: None.safetensors}}", "", "write `condition` with the prior"),
        ("{use: stdit, file: None.safetensors}", TOLD, "STDiT takes no condition"),
        ("{use: stdit, file: frame.safetensors}", TOLD, "goes into `exposure_conditioned`"),
        (FRAME, "condition: truth", "observation"),
    ],
)
def test_a_condition_too_many_or_too_few_is_refused(prior, condition, message, folder):
    with pytest.raises(RecipeError, match=message):
        load_one(recipe(folder, prior, condition))


def test_a_recipe_without_a_condition_has_the_hash_it_always_had(folder):
    found = load_one(recipe(folder, "{use: stdit, file: None.safetensors}", ""))
    assert '"condition"' not in found.canonical
    told = load_one(recipe(folder, FRAME))
    assert '"condition":"observation"' in told.canonical
    assert attrs.evolve(found).hash8 == found.hash8


def test_weights_that_are_missing_are_missed_when_the_recipe_is_run(folder):
    found = load_one(recipe(folder, "{use: stdit, file: nowhere.safetensors}", ""))
    with pytest.raises(ReadError, match="nowhere"):
        Task.prepare(found)
