"""Run a sampler for chosen trajectories, in a chosen order, with the noise that `solve` would give them."""

from typing import Any

import torch
from torch import Tensor

from invsolve.loop import INIT
from invsolve.problem import Problem
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler


def run_trajectories(
    problem: Problem, sampler: Sampler[Any], trajectories: tuple[tuple[int, int], ...], *, seed: int = 0
) -> Tensor:
    """The latents of the pairs (observation, sample), ``b ...`` in the order given."""
    rows = problem.select(observation for observation, _ in trajectories)
    rng = SeededRandomness(seed, trajectories)
    state = sampler.init(rows, rng.at(INIT))
    for i in range(sampler.steps):
        state, _ = sampler.step(rows, state, i, rng.at(i))
    with torch.no_grad():
        return sampler.estimate(rows, state).detach()
