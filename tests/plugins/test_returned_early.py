"""What a part returns before the first step, and what a sampler's state becomes, is looked at as well."""

from typing import final

import attrs
import numpy as np
import pytest
import torch

import invsolve as iv
from invsolve.errors import BrokenPlugin
from invsolve.media import NpzReader, ReadContext, SimulateReader
from invsolve.operator import Operator
from invsolve.sampler.levels import levels_of
from invsolve.sampler.walk import last_state
from tests.core.parts import StandardNormal, Walk


@final
@attrs.frozen
class BadOperator(Operator):
    """The identity, but for one method."""

    method: str = ""

    def forward(self, x):
        return 3 if self.method == "forward" else x.double() if self.method == "double" else x

    def output_space(self, space):
        return (space,) if self.method == "output_space" else space


@final
@attrs.frozen
class BadSampler(iv.Sampler):
    """A walk whose state becomes something else."""

    becomes: str = ""
    steps: int = 2

    def init(self, problem, rng):
        return Walk().init(problem, rng)

    def step(self, problem, state, i, rng):
        return (state.long() if self.becomes == "int64" else [state]), {}

    def estimate(self, problem, state):
        return state


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("forward", r"BadOperator\.forward of .* returned 3, expected a tensor of shape \(1, 1, 2, 4, 4\)"),
        ("double", r"BadOperator\.forward of .* returned torch\.float64, expected torch\.float32"),
        ("output_space", r"BadOperator\.output_space of .* returned a tuple, expected VideoSpace"),
    ],
)
def test_an_operator_is_looked_at_when_it_simulates(method, said, tmp_path):
    np.savez(tmp_path / "clip.npz", video=np.full((2, 1, 4, 4), 0.5, np.float32))
    reader = SimulateReader(NpzReader(tmp_path / "clip.npz", axes="t c h w"), operator=(BadOperator(method),))
    with pytest.raises(BrokenPlugin, match=said):
        reader.read(ReadContext())


@pytest.mark.parametrize(
    ("becomes", "said"), [("int64", "a state of torch.int64, expected torch.float32"), ("list", "a state a list")]
)
def test_a_state_stays_what_it_was(becomes, said):
    problem = iv.Problem(iv.Identity(), torch.rand(1, 1, 2, 4, 4), StandardNormal())
    rng = iv.SeededRandomness(0, ((0, 0),))
    with pytest.raises(BrokenPlugin, match=f"BadSampler.step of .* returned {said}"):
        last_state(BadSampler(becomes), problem, rng)


@final
@attrs.frozen
class BadSchedule(iv.Schedule):
    """Levels of the default schedule, but for how they are handed out."""

    wrong: str = ""

    def at(self, time):
        return iv.DiscreteSchedule().at(time)

    def levels(self, steps, spacing="trailing"):
        right = iv.DiscreteSchedule().levels(steps, spacing)
        return {"list": list(right), "short": right[1:], "None": (None, *right[1:])}[self.wrong]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("list", "returned a list"), ("short", "returned 3"), ("None", "returned a tuple with None in it")],
)
def test_levels_are_looked_at(wrong, said):
    with pytest.raises(BrokenPlugin, match=rf"BadSchedule\.levels of .* {said}.*a tuple of 4 noise levels"):
        levels_of(BadSchedule(wrong), 3, "trailing")
