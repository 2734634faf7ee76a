"""Affine probing against a recursion written by hand."""

import attrs
import pytest
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.testing import affine_probe, small_problem

STEPS = 6
KEPT, PULL, FIRST, SECOND = 0.7, 0.2, 0.5, 0.3


@attrs.frozen
class TwoDraws(Sampler[Tensor]):
    """``z' = 0.7 z + 0.2 A^T y + 0.5 n1 + 0.3 flip(n2)``, with two draws in a step."""

    steps: int = STEPS
    bend: float = 0.0

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        return 2 * rng.normal(problem.observation.new_empty(problem.count, *problem.latent_shape))

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, dict[str, Tensor]]:
        pulled = PULL * problem.linear.adjoint(problem.observation)
        noise = FIRST * rng.normal(state) + SECOND * rng.normal(state).flip(2)
        return KEPT * state + pulled + noise + self.bend * state.square(), {}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state


@attrs.frozen
class Dithers(TwoDraws):
    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        return rng.uniform(problem.observation.new_empty(problem.count, *problem.latent_shape))


@pytest.fixture
def problem() -> Problem:
    return small_problem().select([0])


def test_mean_and_covariance_are_those_of_the_recursion(problem):
    found = affine_probe(problem, TwoDraws())
    pulled = PULL * problem.linear.adjoint(problem.observation).flatten()
    mean, variance = torch.zeros_like(pulled), 4.0
    for _ in range(STEPS):
        mean = KEPT * mean + pulled
        variance = KEPT**2 * variance + FIRST**2 + SECOND**2
    torch.testing.assert_close(found.mean, mean, rtol=1e-14, atol=0)
    torch.testing.assert_close(found.covariance, variance * torch.eye(8, dtype=torch.float64), rtol=1e-13, atol=1e-14)


def test_rows_name_the_draws_in_order(problem):
    found = affine_probe(problem, TwoDraws(steps=1))
    size = 8
    assert found.matrix.shape == (3 * size, size)
    unit = torch.eye(size, dtype=torch.float64)
    torch.testing.assert_close(found.matrix[:size], 2 * KEPT * unit)
    torch.testing.assert_close(found.matrix[size : 2 * size], FIRST * unit)
    flipped = unit.reshape(size, 1, 4, 2, 1).flip(2).flatten(1)
    torch.testing.assert_close(found.matrix[2 * size :], SECOND * flipped)


def test_batches_of_probes_give_the_same_map(problem):
    whole, parts = affine_probe(problem, TwoDraws()), affine_probe(problem, TwoDraws(), rows=7)
    torch.testing.assert_close(parts.matrix, whole.matrix, rtol=1e-14, atol=1e-16)


def test_a_sampler_that_is_not_affine_is_refused(problem):
    with pytest.raises(ComponentError, match="not affine in its noise"):
        affine_probe(problem, TwoDraws(bend=0.01))


def test_uniform_draws_are_refused(problem):
    with pytest.raises(ComponentError, match="uniform"):
        affine_probe(problem, Dithers())


def test_several_observations_are_refused():
    with pytest.raises(ComponentError, match="one observation at a time, got 3"):
        affine_probe(small_problem(), TwoDraws())
