"""ResShift as a sampler, against a recursion of mean and covariance in the chain's own variable, written in numpy.

The reference pair: ``x0 given y ~ N((.4, -.1), [[.5, .2], [.2, .3]])``, ``y = (.6, .2)``.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from invsolve import (
    Contrast,
    DiscreteSchedule,
    EDMSchedule,
    FlowSchedule,
    GaussianNoise,
    Identity,
    Prediction,
    Problem,
    Sampler,
    Schedule,
    SeededRandomness,
    VPSchedule,
    solve,
)
from invsolve.errors import CapabilityError
from invsolve.testing import SamplerChecks
from invsolve.testing.probing import InjectedRandomness, affine_probe
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian, SpectralGaussian
from invsolve_samplers import DDNMGuidance, DPSGuidance, NoGuidance, ResShift, ResShiftKernel, ResShiftSchedule
from invsolve_samplers.res_shift.shift_kernel import ShiftKernel
from tests.samplers.analytic import column, pixel_prior
from tests.samplers.gaussian_oracle import G1

MU, C, Y, KAPPA = np.array([0.4, -0.1]), np.array([[0.5, 0.2], [0.2, 0.3]]), np.array([0.6, 0.2]), 2.0
EYE = np.eye(2)


def pair_problem(schedule: Schedule) -> Problem:
    prior = Gaussian(mean=MU.reshape(1, 2, 1, 1), covariance=C, schedule=schedule)
    return Problem(Identity(), column(Y), prior, GaussianNoise(0.1))


def chain_eta(steps: int, noise: float) -> list[float]:
    first = min(noise / KAPPA, noise, np.sqrt(0.001))
    growth = np.exp(np.log(0.99 / first) / (steps - 1))
    powers = (np.arange(steps) / (steps - 1)) ** 0.3 * (steps - 1)
    return [*((first * growth**powers) ** 2)[::-1], 0.0]


def recursion(steps: int, noise: float, exact: bool, start: str = "paper") -> tuple[np.ndarray, np.ndarray]:
    """`x_t = x0 + eta (y - x0) + kappa sqrt(eta) n` walked down with the exact denoiser of the pair."""
    eta = chain_eta(steps, noise)
    first = eta[0]
    m, p = Y, KAPPA**2 * first * EYE
    if start == "exact":
        m, p = MU + first * (Y - MU), (1 - first) ** 2 * C + KAPPA**2 * first * EYE
    for e, f in pairwise(eta):
        marginal = (1 - e) ** 2 * C + KAPPA**2 * e * EYE
        gain = (1 - e) * C @ np.linalg.inv(marginal)
        offset = MU - gain @ (MU + e * (Y - MU))
        step = f / e * EYE + (1 - f / e) * gain
        m, p = step @ m + (1 - f / e) * offset, step @ p @ step.T + KAPPA**2 * f / e * (e - f) * EYE
        if exact:
            p = p + (1 - f / e) ** 2 * (C - (1 - e) * gain @ C)
    return m, p


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("steps", "noise"), [(15, 0.04), (4, 0.2)])
def test_the_reference_pair(steps: int, noise: float, exact: bool):
    schedule = ResShiftSchedule(timesteps=steps, noise=noise)
    sampler = ResShift(steps=steps, noise=noise, guidance=NoGuidance(), exact=exact)
    found = affine_probe(pair_problem(schedule), sampler)
    mean, covariance = recursion(steps, noise, exact)
    np.testing.assert_allclose(found.mean.numpy(), mean, atol=1e-11)
    np.testing.assert_allclose(found.covariance.numpy(), covariance, atol=1e-11)


@pytest.mark.parametrize(("steps", "noise"), [(15, 0.04), (4, 0.2)])
def test_what_the_recursion_says_of_the_pair(steps: int, noise: float):
    """Exact steps from an exact start are exact; the published start is off by its 2 % of the residual, shrunk."""
    mean, covariance = recursion(steps, noise, exact=True, start="exact")
    np.testing.assert_allclose(mean, MU, atol=1e-12)
    np.testing.assert_allclose(covariance, C, atol=1e-12)
    mean, covariance = recursion(steps, noise, exact=True)
    assert 1e-5 < np.abs(mean - MU).max() < 1e-3
    assert 0 < np.abs(covariance - C).max() < 1e-4


def test_the_deficit_of_plain_steps():
    for steps, deficit in ((15, 0.178), (100, 0.043), (1000, 0.0086)):
        mean, covariance = recursion(steps, 0.04, exact=False, start="exact")
        np.testing.assert_allclose(mean, MU, atol=1e-12)
        assert np.linalg.norm(covariance - C) == pytest.approx(deficit, abs=6e-4)


@pytest.mark.parametrize(
    "schedule",
    [DiscreteSchedule(), DiscreteSchedule(zero_terminal_snr=True), VPSchedule(), EDMSchedule(), FlowSchedule()],
    ids=lambda schedule: type(schedule).__name__,
)
@pytest.mark.parametrize("guidance", [NoGuidance(), DDNMGuidance()], ids=["none", "ddnm"])
def test_a_prior_made_for_other_levels_gives_the_same_samples(schedule: Schedule, guidance):
    """The chain in the units of the prior is the chain."""
    sampler = ResShift(steps=6, guidance=guidance)
    own = solve(pair_problem(ResShiftSchedule(timesteps=6)), sampler, seed=3, samples=3).latent
    other = solve(pair_problem(schedule), sampler, seed=3, samples=3).latent
    torch.testing.assert_close(other, own, rtol=1e-9, atol=1e-9)


def test_both_kernels_step_from_where_the_prediction_starts():
    """A prior that renoises with another noise estimate (CFG++) moves the latent that is stepped from."""
    level, target = ResShiftSchedule().levels(15)[4:6]
    z, z0, elsewhere = (column(np.array(numbers)) for numbers in ((0.3, -0.8), (0.5, 0.1), (1.3, 0.4)))
    prediction = Prediction(z0, z, contrast=Contrast(z, start=elsewhere))
    expected = ResShiftKernel().step(z, prediction, level, target, InjectedRandomness())
    found = ShiftKernel(KAPPA).step(z, prediction, level, target, InjectedRandomness())
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    unmoved = ShiftKernel(KAPPA).step(z, Prediction(z0, z), level, target, InjectedRandomness())
    assert (found - unmoved).abs().min() > 0.1


def test_times_are_those_with_the_same_ratio_of_noise_to_signal():
    """To the nearest of a thousand; beyond the schedule's end, its last."""
    problem = pair_problem(DiscreteSchedule())
    sampler = ResShift(steps=15)
    chain = ResShiftSchedule(timesteps=15).levels(15)
    for level, own in zip(sampler.walk.levels(problem)[:-1], chain[:-1], strict=True):
        assert level.sbar == pytest.approx(own.sbar, rel=1e-12)
        assert level.a**2 + level.s**2 == pytest.approx(1.0)
        table = problem.prior.schedule.at(level.time).sbar
        assert table == pytest.approx(own.sbar, rel=0.01) or level.time == 0


def test_start_is_the_pseudo_inverse_and_noise():
    """A blurred picture over its frames, in the chain's own units `y + kappa sqrt(eta) n - eta y`."""
    blurred = torch.rand(1, 3, 1, 8, 8, dtype=torch.float64)
    prior = SpectralGaussian(schedule=ResShiftSchedule(timesteps=4, noise=0.2))
    problem = Problem(TemporalAverage(frames=5), blurred, prior, GaussianNoise(0.01))
    sampler = ResShift(steps=4, noise=0.2)
    ones = {(0, 0): torch.ones(1, 3 * 5 * 64, dtype=torch.float64)}
    found = sampler.init(problem, InjectedRandomness(ones)).z
    y = prior.encode(blurred.expand(1, 3, 5, 8, 8))
    torch.testing.assert_close(found, (1 - 0.99**2) * y + KAPPA * 0.99, rtol=1e-9, atol=1e-9)


def test_guided_it_explains_the_observation():
    problem = Problem(
        TemporalAverage(frames=4),
        (0.5 + 0.1 * torch.cos(torch.arange(16) * torch.pi / 8)).expand(1, 1, 1, 16, 16).contiguous(),
        SpectralGaussian(),
        GaussianNoise(0.01),
    )
    for steps, noise in ((15, 0.04), (4, 0.2)):
        guided = solve(problem, ResShift(steps=steps, noise=noise), seed=0, samples=2)
        free = solve(problem, ResShift(steps=steps, noise=noise, guidance=NoGuidance()), seed=0, samples=2)
        assert float(guided.chi_square.max()) < 2 < float(free.chi_square.min())


def test_what_is_refused():
    with pytest.raises(CapabilityError, match="was made for the chain"):
        solve(pair_problem(ResShiftSchedule(timesteps=15)), ResShift(steps=4), seed=0)
    problem = Problem(Identity(), column(G1.mu), pixel_prior(G1), GaussianNoise(0.1))
    with pytest.raises(CapabilityError, match="exact steps need the law"):
        solve(problem, ResShift(steps=4, guidance=DPSGuidance(), exact=True), seed=0)


class TestOnItsOwnLevels(SamplerChecks):
    schedule = ResShiftSchedule(timesteps=4, noise=0.2)

    def make(self) -> Sampler[Any]:
        return ResShift(steps=4, noise=0.2)


def test_the_same_seed_the_same_start():
    problem = pair_problem(DiscreteSchedule())
    starts = [ResShift().init(problem, SeededRandomness(5)).z for _ in range(2)]
    torch.testing.assert_close(*starts, rtol=0, atol=0)
