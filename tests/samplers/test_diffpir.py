"""DiffPIR for operators that are not linear, and its late start."""

from typing import final

import attrs
import numpy as np
import pytest
import torch
from torch import Tensor

from invsolve import NoiseLevel, Operator, SeededRandomness, solve
from invsolve.errors import ComponentError
from invsolve.video.space import VideoSpace
from invsolve_samplers import DiffPIRGuidance, Diffusion, RenoiseKernel
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G2, Array
from tests.samplers.one_step import HALF, POINT, latent, latent_problem, one_step, step_on

CLEAN = G2.clean(POINT, HALF.a, HALF.s)


@final
@attrs.frozen
class PowerOfMean(Operator):
    """The mean over all frames to a power: it does not say that it is linear, even where it is."""

    power: float

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2, keepdim=True).pow(self.power)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        return attrs.evolve(observed, frames=4)


def powered(power: float):
    return attrs.evolve(average_problem(pixel_prior(G2), G2), operator=PowerOfMean(power))


def descended(power: float, weight: float, slope: float, steps: int) -> Array:
    """Gradient descent on ``(y - mean(u)^p)^2 / 2 + w ||u - x0||^2 / 2``, written out for four frames."""
    u = CLEAN.copy()
    for _ in range(steps):
        mean = u.mean()
        gradient = -(G2.y[0] - mean**power) * power * mean ** (power - 1) / 4 * np.ones(4) + weight * (u - CLEAN)
        u = u - gradient / (weight + slope**2)
    return u


@pytest.mark.parametrize(("steps", "slope"), [(1, 1.0), (3, 0.7)])
@pytest.mark.parametrize("weight", [1.0, 7.0])
@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_descent_on_an_operator_that_is_not_linear(steps: int, slope: float, weight: float, power: float):
    step = step_on(DiffPIRGuidance(weight, descents=steps, slope=slope), powered(power), POINT)
    ratio = G2.sigma**2 * weight / (HALF.s / HALF.a) ** 2
    np.testing.assert_allclose(step.z0, descended(power, ratio, slope, steps), rtol=1e-12)
    np.testing.assert_allclose(step.eps, (POINT - HALF.a * step.z0) / HALF.s, rtol=1e-10)


@pytest.mark.parametrize("level", [HALF, NoiseLevel(0.0, 1.0, 1.0)], ids=["half", "pure noise"])
def test_many_descents_are_the_proximal_step(level: NoiseLevel):
    exact = one_step(DiffPIRGuidance(), G2, POINT, level)
    found = step_on(DiffPIRGuidance(descents=400, slope=0.5), powered(1.0), POINT, level)
    np.testing.assert_allclose(found.z0, exact.z0, rtol=1e-10)


def test_a_whole_run_with_many_descents_is_the_run_with_proximal_steps():
    exact, descended = (
        solve(problem, Diffusion(RenoiseKernel(0.5), rule, steps=10), seed=0, samples=2, throw=False).video
        for problem, rule in (
            (average_problem(pixel_prior(G2), G2), DiffPIRGuidance()),
            (powered(1.0), DiffPIRGuidance(descents=400, slope=0.5)),
        )
    )
    torch.testing.assert_close(descended, exact, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("start", "steps", "every"), [(0.5, 3, 6), (0.3, 3, 10), (1.0, 4, 4)])
def test_a_late_start_takes_the_last_levels(start: float, steps: int, every: int):
    prior = pixel_prior(G2)
    sampler = Diffusion(RenoiseKernel(0.5), DiffPIRGuidance(), steps=steps, start=start)
    solve(average_problem(prior, G2), sampler, seed=0, throw=False)
    wanted = [level.time for level in prior.schedule.levels(every)[-steps - 1 : -1]]
    assert prior.calls == wanted


def test_a_late_start_is_the_noised_pseudo_inverse():
    prior, oracle = latent()
    problem = latent_problem(prior)
    state = Diffusion(RenoiseKernel(0.5), DiffPIRGuidance(), steps=5, start=0.5).init(problem, SeededRandomness(3))
    level = prior.schedule.levels(10)[5]
    y = problem.observation.flatten().numpy()
    back = np.linalg.pinv(np.full((1, 4), 0.25)) @ y
    known = np.linalg.pinv(prior.B) @ (back - prior.c)
    noise = SeededRandomness(3).normal(state.z).flatten().numpy()
    assert len(oracle.mu) == noise.size
    np.testing.assert_allclose(state.z.flatten().numpy(), level.a * known + level.s * noise, rtol=1e-12)


@pytest.mark.parametrize("start", [0.0, -0.5, 1.5, float("nan")])
def test_start_is_a_fraction(start: float):
    with pytest.raises(ComponentError, match="start"):
        Diffusion(start=start)


def test_the_graph_ends_with_the_step():
    step = Diffusion(RenoiseKernel(0.5), DiffPIRGuidance(descents=2), steps=5)
    problem = powered(2.0)
    state = step.init(problem, SeededRandomness(0))
    moved, info = step.step(problem, state, 0, SeededRandomness(0))
    assert not moved.z.requires_grad
    assert not any(torch.is_tensor(value) and value.requires_grad for value in info.values())
