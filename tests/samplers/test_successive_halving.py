"""`successive_halving`: which candidates go on, which one is left, and what it costs."""

from typing import Any, ClassVar, final

import attrs
import pytest
import torch
from torch import Tensor

from invsolve import Problem, Sampler, solve
from invsolve.errors import ComponentError
from invsolve.evaluation.counted import counted
from invsolve.randomness import Randomness, SeededRandomness
from invsolve.sampler.guidance import Info
from invsolve.testing.small import small_problem
from invsolve_samplers import DPS, DDIMKernel, Diffusion, NoGuidance, SuccessiveHalving
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G2

MISFITS = ((5.0, 1.0), (3.0, 2.0), (4.0, 3.0), (1.0, 4.0), (2.0, 5.0))  # of five candidates, on two trajectories


@final
@attrs.frozen
class Labelled(Sampler[Any]):
    """Candidate ``k`` is a latent of ``k``; its misfit on a trajectory stands in `MISFITS`."""

    steps: ClassVar[int] = 4
    made: list[int] = attrs.field(factory=list)
    stepped: list[int] = attrs.field(factory=list)

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        self.made.append(len(self.made))
        return problem.observation.new_full((problem.count, *problem.latent_shape), float(self.made[-1]))

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, Info]:
        self.stepped.append(i)
        labels = state[:, 0, 0, 0, 0].long()
        return state, {"misfit": torch.tensor(MISFITS)[labels, torch.arange(problem.count)]}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state


def two() -> Problem:
    return small_problem().select([0, 1])


def labels(state: Any) -> list[list[int]]:
    return [[int(value) for value in each[:, 0, 0, 0, 0]] for each in state.states]


def test_the_better_half_goes_on_for_each_trajectory_by_itself():
    inner = Labelled()
    sampler = SuccessiveHalving(inner, candidates=5, rounds=(1, 2))
    problem, rng = two(), SeededRandomness(0)
    state = sampler.init(problem, rng)
    assert labels(state) == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]]
    state, info = sampler.step(problem, state, 0, rng)
    assert labels(state) == [[3, 0], [4, 1], [1, 2]]
    assert info["misfit"].tolist() == [1.0, 1.0]
    state, _ = sampler.step(problem, state, 1, rng)
    assert labels(state) == [[3, 0], [4, 1]]
    state, _ = sampler.step(problem, state, 2, rng)
    assert inner.stepped == [0] * 5 + [1] * 3 + [2] * 2
    assert sampler.estimate(problem, state)[:, 0, 0, 0, 0].tolist() == [3.0, 0.0]


def test_in_the_end_the_result_decides():
    """Whatever the last step recorded: of the candidates 0 and 1 the one whose video explains the observation."""
    sampler = SuccessiveHalving(Labelled(), candidates=2)
    problem = two()
    wanted = torch.tensor([1.0, 0.0]).reshape(2, 1, 1, 1, 1).expand(2, *problem.latent_shape)
    seen = attrs.evolve(problem, observation=problem.forward(wanted.to(problem.observation)))
    state = sampler.init(seen, SeededRandomness(0))
    for i in range(4):
        state, _ = sampler.step(seen, state, i, SeededRandomness(0))
    assert labels(state) == [[1, 0]]


def test_one_candidate_is_the_sampler_itself():
    problem = small_problem()
    plain = solve(problem, DPS(steps=5), seed=3, samples=2, throw=False)
    alone = solve(problem, SuccessiveHalving(DPS(steps=5), candidates=1), seed=3, samples=2, throw=False)
    torch.testing.assert_close(alone.latent, plain.latent, rtol=0, atol=0)


def test_samples_explain_the_observation_better_and_differ():
    problem, prior_alone = small_problem(), Diffusion(DDIMKernel(1.0), NoGuidance(), steps=10)
    plain = solve(problem, prior_alone, seed=0, samples=50, throw=False)
    best = solve(problem, SuccessiveHalving(prior_alone, candidates=8), seed=0, samples=50, throw=False)
    assert float(best.chi_square.median()) < 0.4 * float(plain.chi_square.median())
    assert float(best.video.std(0).min()) > 0


def test_evaluations_of_the_network():
    """7 x 4 + 5 x 2 + 8, as the docstring says."""
    problem, counter = counted(average_problem(pixel_prior(G2), G2))
    sampler = SuccessiveHalving(DPS(steps=20), candidates=4, rounds=(7, 12))
    solve(problem, sampler, seed=0, samples=3, throw=False)
    assert counter is not None
    assert counter.evaluations == 3 * 46


@pytest.mark.parametrize("rounds", [(0,), (3, 2), (2, 2), (6,), (1.5,), (True,), [2], 2])
def test_rounds_that_do_not_fit_are_refused(rounds: Any):
    with pytest.raises(ComponentError, match="rounds must be a tuple of rising"):
        SuccessiveHalving(DPS(steps=5), candidates=4, rounds=rounds)
