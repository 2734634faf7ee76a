"""A run that cannot fit into memory is refused before any work, with settings that fit."""

import re

import attrs
import numpy as np
import pytest
import torch
from PIL import Image

import invsolve as iv
from invsolve.errors import CapabilityError
from invsolve.files.memory import Memory
from invsolve.recipe import load_one
from invsolve.record.execution import Task
from invsolve.record.footprint import IN_FLIGHT, KEPT, least_memory, memory_in_words
from invsolve.testing.small_prior import SmallGaussian


def test_the_least_memory_by_hand():
    problem = iv.Problem(
        operator=iv.Identity(), observation=torch.zeros(2, 3, 4, 5, 6), noise=iv.GaussianNoise(), prior=SmallGaussian()
    )
    video = 3 * 4 * 5 * 6
    assert problem.latent_shape == (3, 4, 5, 6)
    assert least_memory(problem, 5, None) == 4 * (10 * IN_FLIGHT + 10 * KEPT) * video
    assert least_memory(problem, 5, 3, 8) == 8 * (3 * IN_FLIGHT + 10 * KEPT) * video


@pytest.fixture
def recipe(tmp_path):
    for number in range(6):
        picture = np.full((64, 96, 3), 40 * number, np.uint8)
        (tmp_path / "clip").mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "clip" / f"{number}.png")
    (tmp_path / "r.yaml").write_text(
        "recipe: 1\ninput: {read: frames, path: clip}\noperator: {use: identity}\ndevice: cpu\n"
        "prior: {use: spectral_gaussian}\nsampler: {use: ddim, steps: 2, guidance: {use: exact}}\nsamples: 4\n"
    )
    return tmp_path / "r.yaml"


def test_what_does_not_fit_is_refused_with_what_does(recipe, monkeypatch):
    needed = 4 * (4 * IN_FLIGHT + 4 * KEPT) * 3 * 6 * 64 * 96
    monkeypatch.setattr("invsolve.record.footprint.free_memory", lambda: Memory(2 * needed, needed // 2))
    with pytest.raises(CapabilityError, match=r"4 samples of 6 frames of 64x96 take at least .* What fits: ") as caught:
        Task.prepare(load_one(recipe))
    said = str(caught.value)
    assert "`--set chunk=1`" in said
    fewer = re.search(r"input\.frames=0\.\.(\d+)", said)
    assert fewer and 1 <= int(fewer[1]) < 6
    for setting in (f"input.frames=0..{fewer[1]}", "chunk=1"):
        Task.prepare(load_one(recipe, [setting]))


def test_much_memory_is_told_before_the_run(recipe):
    read = load_one(recipe)
    problem = Task.prepare(read).problem
    assert memory_in_words(read, problem) == ""
    many = attrs.evolve(read, samples=4000, chunk=1)
    needed = 4 * (IN_FLIGHT + 4000 * KEPT) * 3 * 6 * 64 * 96
    assert memory_in_words(many, problem) == f", at least {needed / 2**30:.1f} GiB of memory"


def test_where_nobody_says_what_is_free_nothing_is_refused(recipe, monkeypatch):
    monkeypatch.setattr("invsolve.record.footprint.free_memory", lambda: None)
    assert Task.prepare(load_one(recipe)).problem.count == 1
