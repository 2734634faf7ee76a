"""A made-up kernel on a real picture is warned of; on one that was blurred by it, it is not."""

import numpy as np
import pytest
from PIL import Image

from invsolve.recipe import load_one
from invsolve.record.execution import Task, made_up

RECIPE = """\
recipe: 1
input: {read: image, path: photo.png}
operator: [{use: identity}, {use: convolution, kernel: camera_shake, size: 5, seed: 3}]
prior: {use: spectral_gaussian}
sampler: {use: ddim, steps: 2, guidance: {use: exact}}
device: cpu
"""


@pytest.fixture
def recipe(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (16, 24, 3), np.uint8)).save(tmp_path / "photo.png")
    (tmp_path / "r.yaml").write_text(RECIPE)
    return tmp_path / "r.yaml"


def warnings(recipe, *overrides):
    read = load_one(recipe, overrides)
    return made_up(read, Task.prepare(read).recording)


def test_a_real_picture_was_not_shaken_by_a_drawn_path(recipe):
    (warning,) = warnings(recipe)
    assert "is taken for the result of a camera shake drawn at random (seed 3), which it hardly is" in warning
    assert "`invsolve deblur`" in warning


def test_a_simulated_one_was(recipe):
    simulated = f"input={{read: simulate, from: {{read: image, path: {recipe.parent / 'photo.png'}}}}}"
    assert warnings(recipe, simulated) == ()


def test_a_stated_kernel_is_not_made_up(recipe):
    assert warnings(recipe, "operator={use: convolution, kernel: gaussian, std: 1.0}") == ()
