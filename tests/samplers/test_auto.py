"""`auto`: what it chooses, that it says so, that residuals are as large as the noise, and that calibration works."""

from typing import Any, final

import attrs
import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, PoissonNoise, Problem, Randomness, Sampler, SeededRandomness, solve
from invsolve.sampler.guidance import Info
from invsolve.solving.checkpoint import Checkpoint
from invsolve.testing import SamplerChecks
from invsolve_operators import CameraResponse
from invsolve_samplers import Auto, Diffusion, DPMSolverKernel, TMPDGuidance
from invsolve_samplers.auto.cases import choose
from invsolve_samplers.auto.linearised_tmpd import LinearisedTMPD
from invsolve_samplers.auto.pilot import noise_factor
from invsolve_samplers.auto.rows import RowRandomness
from invsolve_samplers.auto.scaled_noise import scaled
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.auto_problems import problems
from tests.samplers.gaussian_oracle import G2

CHOICES = {
    "closed form": "exact draws",
    "temporal average": "daps, closed form",
    "convolution": "daps, closed form",
    "mask": "daps, closed form",
    "stack": "daps, closed form",
    "camera response": "linearised tmpd, stochastic DPM-Solver++",
    "Poisson noise": "linearised tmpd, stochastic DPM-Solver++",
    "latent linear decoder": "linearised tmpd, stochastic DPM-Solver++",
    "latent, camera response": "linearised tmpd, stochastic DPM-Solver++",
    "latent, bent decoder": "linearised tmpd, stochastic DPM-Solver++",
    "latent, bent decoder, Poisson": "linearised tmpd, stochastic DPM-Solver++",
    "mixture": "exact draws",
    "mixture, hidden": "daps, closed form",
}
QUICK = [name for name, choice in CHOICES.items() if not choice.startswith("linearised")]
BLACK = (
    "latent, camera response"  # where the curve is flat at the estimate, a straight line tells nothing: docs/auto.md
)
SLOW = [name for name in CHOICES if name not in QUICK and name != BLACK]


@pytest.mark.parametrize("calibrate", [None, True])
class TestAuto(SamplerChecks):
    @pytest.fixture(autouse=True)
    def _sampler(self, calibrate: bool | None) -> None:
        self.sampler = Auto(steps=3, calibrate=calibrate, pilots=1)

    def make(self) -> Sampler[Any]:
        return self.sampler


@pytest.fixture(scope="module")
def small() -> dict[str, Problem]:
    return problems(8)


@pytest.fixture(scope="module")
def large() -> dict[str, Problem]:
    return problems(32)


def pair(small: dict[str, Problem]) -> Problem:
    """Two observations, the second with more noise than is stated."""
    one = small["temporal average"]
    other = one.observation + 0.4 * SeededRandomness(5).normal(one.observation)
    return attrs.evolve(one, observation=torch.cat([one.observation, other]))


@final
@attrs.frozen
class Off(Sampler[torch.Tensor]):
    """Leaves a residual of ``by`` times the noise's std, as it is told."""

    by: float
    steps: int = 1

    def init(self, problem: Problem, rng: Randomness) -> torch.Tensor:
        return problem.encode((problem.observation + self.by * problem.noise_std).expand(-1, -1, 4, -1, -1))

    def step(self, problem: Problem, state: torch.Tensor, i: int, rng: Randomness) -> tuple[torch.Tensor, Info]:
        return state, {}

    def estimate(self, problem: Problem, state: torch.Tensor) -> torch.Tensor:
        return state


def test_the_choices(small: dict[str, Problem]):
    assert {name: choose(problem).name for name, problem in small.items()} == CHOICES


def test_the_choices_without_gradients_through_the_network(small: dict[str, Problem]):
    assert choose(small["mask"], through_network=False).name == "daps, closed form"
    assert choose(small["camera response"], through_network=False).name == "daps, Langevin dynamics"
    assert choose(small["latent linear decoder"], through_network=False).name == "gauss_newton with DPM-Solver++"


def test_the_message_says_what_was_chosen_and_why(small: dict[str, Problem]):
    solution = solve(small["mask"], Auto(2), seed=0)
    assert " Auto chose daps, closed form, because the operator is linear" in solution.message
    assert solution.verdict.remarks[-1] in solution.message
    (remark,) = Auto(2, calibrate=True).remark(small["mask"], small["mask"].observation)
    assert "calibrated by a pilot run (noise_factor in the trace)" in remark
    assert remark.endswith(".")


def _residual(problem: Problem) -> float:
    return float(solve(problem, Auto(), seed=1, samples=2).chi_square.mean())


@pytest.mark.parametrize("name", QUICK)
def test_residuals_are_as_large_as_the_noise(large: dict[str, Problem], name: str):
    """Of 768 measurements or more, whose noise has a chi-square of 1 +- 0.05 itself."""
    assert 0.9 < _residual(large[name]) < 1.1


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_residuals_are_as_large_as_the_noise_where_it_takes_longer(large: dict[str, Problem], name: str):
    assert 0.9 < _residual(large[name]) < 1.1


def test_linearised_tmpd_is_tmpd_where_there_is_nothing_to_straighten():
    problem = average_problem(pixel_prior(G2), G2)
    ours, theirs = (
        solve(problem, Diffusion(DPMSolverKernel(), rule, 5), seed=0, samples=2).video
        for rule in (LinearisedTMPD(20), TMPDGuidance(20))
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def test_linearised_tmpd_sees_slope_and_noise_at_the_estimate():
    """With ``y = f(mean x)`` and photon noise, one step is that of `tmpd` for the tangent of ``f`` at the estimate."""
    problem = average_problem(pixel_prior(attrs.evolve(G2, mu=G2.mu * 0 + 0.5, C=0.01 * G2.C)), G2)
    level, target = problem.prior.schedule.levels(4)[1:3]
    z = 0.5 * level.a + level.s * SeededRandomness(0).normal(problem.observation.new_empty(1, *problem.latent_shape))
    curve = CameraResponse(curve="gamma:2.0")
    bent = attrs.evolve(problem, operator=curve @ problem.operator, noise=PoissonNoise(gain=0.01))
    at = problem.forward(problem.predict(z, level).z0)
    slope, std = 0.5 * at**-0.5, (0.01 * curve.forward(at)).sqrt()
    # y - f(m) = f'(m) (y' - m) with the noise of y' narrower by f'
    straight = at + (problem.observation - curve.forward(at)) / slope
    plain = attrs.evolve(problem, observation=straight, noise=GaussianNoise(float(std / slope)))
    kernel, rng = DPMSolverKernel(), SeededRandomness(1)
    found = LinearisedTMPD(5).step(bent, kernel, z, level, target, rng).z
    expected = TMPDGuidance(5).step(plain, kernel, z, level, target, rng).z
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_calibration_sets_the_residual():
    """The pilot's noise is not that of the samples: these agree with it up to their own spread."""
    problem = problems(16)["temporal average"]
    worse = problem.observation + 0.2 * SeededRandomness(5).normal(problem.observation)
    problem = attrs.evolve(problem, observation=worse)
    plain, set_right = (solve(problem, Auto(20, calibrate=on), seed=1, samples=4) for on in (None, True))
    assert "noise_factor" not in plain.trace
    assert float(plain.chi_square.mean()) > 1.5
    assert 0.9 < float(set_right.chi_square.mean()) < 1.1
    assert float(set_right.trace["noise_factor"][0, 0, 0]) < 0.8


def test_what_needs_calibration_gets_it(small: dict[str, Problem]):
    problem = small["latent, bent decoder, Poisson"]
    assert "noise_factor" in solve(problem, Auto(2, through_network=False, pilots=1), seed=1).trace


def test_a_calibrated_sample_is_the_same_alone(small: dict[str, Problem]):
    problem, sampler = pair(small), Auto(4, calibrate=True)
    both = solve(problem, sampler, seed=1, samples=3)
    factors = both.trace["noise_factor"][0]
    assert len(factors.unique()) == 2  # each observation has its own
    alone = solve(problem.select([1]), sampler, seed=1, samples=[2], observations=[1])
    torch.testing.assert_close(alone.latent[0, 0], both.latent[2, 1], rtol=1e-9, atol=1e-9)
    assert float(alone.trace["noise_factor"][0, 0, 0]) == pytest.approx(float(factors[2, 1]), rel=1e-9)
    chunked = solve(problem, sampler, seed=1, samples=3, chunk=2)
    torch.testing.assert_close(chunked.latent, both.latent, rtol=1e-9, atol=1e-9)


def test_the_factor_does_not_depend_on_the_seed(small: dict[str, Problem]):
    one, other = (solve(small["mask"], Auto(3, calibrate=True), seed=seed).trace["noise_factor"] for seed in (1, 2))
    assert torch.equal(one, other)


def test_a_calibrated_run_resumes(small: dict[str, Problem], tmp_path):
    problem, sampler = pair(small), Auto(4, calibrate=True)
    whole = solve(problem, sampler, seed=1)
    path = tmp_path / "state.safetensors"
    stopped = solve(problem, sampler, seed=1, checkpoint=Checkpoint(path), time_limit=0.0, throw=False)
    assert stopped.outcome.name == "TIME_LIMIT"
    resumed = solve(problem, sampler, seed=1, checkpoint=Checkpoint(path))
    assert torch.equal(resumed.latent, whole.latent)


@pytest.mark.parametrize("by", [0.3, 1.0, 2.5])
def test_a_pilot_finds_the_factor_that_gives_unit_residuals(by: float):
    """The chi-square is ``(by f)^2``, to be 1 within the 2 % or more at which a pilot stops."""
    problem = problems(32)["temporal average"]
    assert noise_factor(problem, Off(by), 1) == pytest.approx(1 / by, rel=0.02)


@pytest.mark.parametrize("noise", [GaussianNoise(0.1), PoissonNoise(0.01)])
def test_scaled_noise(noise):
    mean, y = torch.full((2, 1, 1, 2, 2), 0.4, dtype=torch.float64), torch.full((2, 1, 1, 2, 2), 0.6).double()
    wide = scaled(noise, 3.0)
    torch.testing.assert_close(wide.standard_deviation(mean), 3 * noise.standard_deviation(mean))
    expected = noise.negative_log_likelihood(y, mean) / 9
    torch.testing.assert_close(wide.negative_log_likelihood(y, mean), expected)
    rng = SeededRandomness(0, ((0, 0), (0, 1)))
    torch.testing.assert_close(wide.sample(mean, rng.at(0)) - mean, 3 * (noise.sample(mean, rng.at(0)) - mean))


def test_rows_draw_what_they_would_in_the_batch():
    whole = SeededRandomness(0, ((0, 0), (0, 1), (0, 2)))
    rows = torch.tensor([2, 0])
    some = RowRandomness(whole.at(1), rows, 3)
    like = torch.full((3, 1, 1, 2, 2), 5.0, dtype=torch.float64)
    assert torch.equal(some.normal(like[:2]), whole.at(1).normal(like)[rows])
    assert torch.equal(some.at(4).uniform(like[:2]), whole.at(4).uniform(like)[rows])
    np.testing.assert_array_equal(some.at(2).poisson(like[rows]), whole.at(2).poisson(like)[rows])
