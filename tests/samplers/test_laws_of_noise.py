"""What the choice of noise does in the limit: tempering, invariant subspaces, and both modes of a mixture."""

from functools import partial

import numpy as np
import pytest
import torch

from invsolve import NoiseLevel, solve
from invsolve.testing.probing import affine_probe
from invsolve_priors import GaussianMixture
from invsolve_samplers import (
    DDIMKernel,
    DDNMGuidance,
    DDPMKernel,
    Diffusion,
    ExactGuidance,
    ExactKernel,
    NoGuidance,
    RenoiseKernel,
)
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import (
    G1,
    Oracle,
    chain,
    continuous_vp,
    ddim_step,
    ddnm_gain,
    fraction_step,
    no_gain,
    unit_start,
)


@pytest.mark.parametrize("fraction", [0.3, 0.85, 1.0])
def test_renoise_tempers_the_prior(fraction: float):
    """The recursion that the code is checked against: eigenvalues go to (1 + sqrt(1 - f^2)) / 2 times the prior's."""
    _, covariance = chain(continuous_vp(8000), lambda a, b: fraction_step(G1, no_gain, a, b, fraction), unit_start(G1))
    ratios = np.linalg.eigvalsh(covariance) / np.linalg.eigvalsh(G1.C)
    np.testing.assert_allclose(ratios, (1 + np.sqrt(1 - fraction**2)) / 2, rtol=0.02)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.85, 1.0])
def test_renoise_follows_its_recursion(fraction: float):
    levels = [(level.a, level.s) for level in pixel_prior(G1).schedule.levels(25)]
    sampler = Diffusion(kernel=RenoiseKernel(fraction), guidance=NoGuidance(), steps=25)
    found = affine_probe(average_problem(pixel_prior(G1), G1), sampler)
    expected = chain(levels, lambda a, b: fraction_step(G1, no_gain, a, b, fraction), unit_start(G1))
    np.testing.assert_allclose(found.mean.numpy(), expected[0], atol=1e-8)
    np.testing.assert_allclose(found.covariance.numpy(), expected[1], atol=1e-8)


def test_ddnm_is_exact_for_a_stationary_prior_only():
    """Noiseless: the error of the mean vanishes where the prior commutes with A^+ A, and stays for AR(1)."""
    errors = {}
    circulant = np.array([[1, 0.6, 0.3, 0.6], [0.6, 1, 0.6, 0.3], [0.3, 0.6, 1, 0.6], [0.6, 0.3, 0.6, 1]])
    for name, covariance in (("stationary", circulant), ("AR(1)", G1.C)):
        oracle = Oracle(G1.mu, covariance, G1.A, 1e-9, G1.y)
        step = partial(ddim_step, oracle, ddnm_gain, eta=1.0)
        mean, _ = chain(continuous_vp(4000), step, unit_start(oracle))
        errors[name] = float(np.linalg.norm(mean - oracle.posterior[0]))
    assert errors["stationary"] < 1e-4
    assert errors["AR(1)"] == pytest.approx(2.0e-3, rel=0.1)


def test_projection_reproduces_a_noiseless_observation():
    problem = average_problem(pixel_prior(G1), G1)
    for kernel in (DDPMKernel(), DDIMKernel(), RenoiseKernel(0.85)):
        solution = solve(problem, Diffusion(kernel=kernel, guidance=DDNMGuidance(), steps=10), seed=0, samples=3)
        np.testing.assert_allclose(solution.video.mean(dim=3).flatten().numpy(), 0.7, atol=1e-12)


MODE = np.array([-1.0, -1 / 3, 1 / 3, 1.0])
REVERSAL = Oracle(np.zeros(4), 0.05 * np.eye(4), G1.A, 0.05, np.array([0.2]))


def mixture() -> GaussianMixture:
    return GaussianMixture(
        means=np.stack([-MODE, MODE]).reshape(2, 1, 4, 1, 1),
        covariances=np.stack([0.05 * np.eye(4)] * 2),
        weights=[0.5, 0.5],
    )


@pytest.mark.parametrize(
    ("kernel", "steps"), [(ExactKernel(), 5), (DDPMKernel(), 100), (DDIMKernel(), 100)], ids=["exact", "ddpm", "ddim"]
)
def test_both_directions_of_time_keep_their_weight(kernel, steps: int):
    """y does not know the direction of time: 1/2 each, within five standard deviations of a binomial."""
    samples = 400
    sampler = Diffusion(kernel=kernel, guidance=ExactGuidance(), steps=steps)
    video = solve(average_problem(mixture(), REVERSAL), sampler, seed=3, samples=samples).video
    clips = video.reshape(samples, 4).numpy()
    forward = clips @ MODE > 0
    assert abs(forward.mean() - 0.5) < 5 * np.sqrt(0.25 / samples)
    # Each mode is N(m, C) with the covariance of its own Gaussian problem.
    mean, covariance = Oracle(MODE, REVERSAL.C, G1.A, 0.05, REVERSAL.y).posterior
    np.testing.assert_allclose(mean, (-5 / 6, -1 / 6, 1 / 2, 7 / 6), rtol=1e-9)
    folded = np.where(forward[:, None], clips, clips[:, ::-1])
    bound = 5 * np.sqrt(np.diag(covariance) / samples)
    np.testing.assert_array_less(np.abs(folded.mean(axis=0) - mean), bound)
    spread = 5 * np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)) + covariance**2) / np.sqrt(samples)
    allowed = spread if isinstance(kernel, ExactKernel) else spread + 0.1 * np.abs(covariance).max()
    np.testing.assert_array_less(np.abs(np.cov(folded.T) - covariance), allowed)


def test_mixture_denoiser_reference_point():
    level = NoiseLevel(a=0.3**0.5, s=0.7**0.5, time=0.0)
    z = torch.tensor([-0.4, 0.1, 0.2, 0.6], dtype=torch.float64).reshape(1, 1, 4, 1, 1)
    z0 = mixture().predict(z, level).z0.flatten().numpy()
    np.testing.assert_allclose(z0, (-0.66079276, -0.21132706, 0.22281774, 0.66845322), atol=6e-9)
