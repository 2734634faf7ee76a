"""Warm starts: the noised pseudo-inverse as the start of every diffusion sampler, and what it costs."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, Problem, Sampler, SeededRandomness, VideoSpace, pipeline
from invsolve.testing.probing import affine_probe
from invsolve_operators import CameraResponse, TemporalAverage
from invsolve_priors import Gaussian, SpectralGaussian
from invsolve_samplers import (
    DAPS,
    DDIM,
    DPS,
    BatchConsistent,
    DDIMKernel,
    Diffusion,
    ExactGuidance,
    ExactKernel,
    PiGDMGuidance,
)
from tests.samplers.analytic import average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, ISOTROPIC, Oracle, chain, ddim_step, exact_gain, linear_betas
from tests.samplers.one_step import latent, latent_problem

LATE: list[Sampler[Any]] = [
    Diffusion(steps=5, start=0.5),
    DPS(steps=5, start=0.5),
    DDIM(steps=5, start=0.5),
    DAPS(steps=5, start=0.5, spacing="trailing"),
    BatchConsistent(steps=5, start=0.5, correlation=0.0),
]


@pytest.mark.parametrize("sampler", LATE, ids=lambda s: type(s).__name__)
def test_every_sampler_starts_at_the_noised_pseudo_inverse(sampler: Sampler[Any]):
    """In a latent space: ``a E(A^+ y) + s n`` at the sixth of ten levels."""
    prior, _ = latent()
    problem = latent_problem(prior)
    z = sampler.init(problem, SeededRandomness(3)).z
    level = prior.schedule.levels(10)[5]
    known = np.linalg.pinv(prior.B) @ (np.full(4, problem.observation.item()) - prior.c)
    noise = SeededRandomness(3).normal(z)
    torch.testing.assert_close(z, level.a * column(known) + level.s * noise, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("sampler", LATE, ids=lambda s: type(s).__name__)
def test_behind_a_camera_it_starts_at_a_still_video_that_explains_the_observation(sampler: Sampler[Any]):
    operator = pipeline(TemporalAverage(frames=4), CameraResponse(curve="srgb"))
    y = torch.linspace(0.1, 0.9, 60, dtype=torch.float64).view(2, 3, 1, 2, 5)
    space = VideoSpace(frames=4, height=2, width=5, transfer="linear")
    problem = Problem(operator, y, SpectralGaussian(), GaussianNoise(std=1e-3), space)
    z = sampler.init(problem, SeededRandomness(3, ((0, 0), (1, 0)))).z
    level = problem.prior.schedule.levels(10)[5]
    known = problem.decode((z - level.s * SeededRandomness(3, ((0, 0), (1, 0))).normal(z)) / level.a)
    assert float((y - operator.forward(known)).square().flatten(1).mean(1).sqrt().max()) <= 1e-3
    torch.testing.assert_close(known, known[:, :, :1].expand_as(known), rtol=0, atol=1e-9)


def late_law(oracle: Oracle, steps: int, start: float):
    """DDIM with exact guidance from ``N(a A^+ y, s^2 I)``, by the recursion."""
    levels = linear_betas()
    chosen = [int(np.round(k * 1000 / round(steps / start))) - 1 for k in range(round(steps / start), 0, -1)][-steps:]
    path = [levels[999 - t] for t in chosen] + [(1.0, 0.0)]
    a, s = path[0]
    begin = (a * np.linalg.pinv(oracle.A) @ oracle.y, s * s * np.eye(4))
    return chain(path, partial(ddim_step, oracle, exact_gain, eta=0.0), begin)


@pytest.mark.parametrize("start", [0.7, 0.2])
def test_a_late_run_is_its_recursion(start: float):
    found = affine_probe(
        average_problem(pixel_prior(G2), G2), Diffusion(DDIMKernel(), ExactGuidance(), 14, start=start)
    )
    mean, covariance = late_law(G2, 14, start)
    np.testing.assert_allclose(found.mean.numpy(), mean, atol=1e-9)
    np.testing.assert_allclose(found.covariance.numpy(), covariance, atol=1e-9)


def test_what_a_late_start_costs():
    """The numbers of `Diffusion`'s docstring: the variance over the right one, four independent frames."""
    right = np.trace(ISOTROPIC.posterior[1])
    shares = [
        np.trace(late_law(ISOTROPIC, round(200 * start), start)[1]) / right for start in (1.0, 0.7, 0.5, 0.3, 0.1)
    ]
    np.testing.assert_allclose(shares, (0.98, 0.97, 0.91, 0.60, 0.11), atol=6e-3)


def test_an_exact_run_needs_no_pseudo_inverse():
    """It draws its late start from the law of z given y."""
    problem = average_problem(Gaussian(G2.mu.reshape(1, 4, 1, 1), G2.C), G2)
    found = affine_probe(problem, Diffusion(ExactKernel(), ExactGuidance(), 3, start=0.3))
    np.testing.assert_allclose(found.mean.numpy(), G2.posterior[0], atol=1e-9)
    np.testing.assert_allclose(found.covariance.numpy(), G2.posterior[1], atol=1e-9)


def test_pigdm_starts_late_without_harm_to_the_mean():
    found = affine_probe(
        average_problem(pixel_prior(G1), G1), Diffusion(guidance=PiGDMGuidance(bounded=False), steps=40, start=0.4)
    )
    np.testing.assert_allclose(found.mean.numpy() @ G1.A[0], G1.A[0] @ G1.posterior[0], atol=0.03)
