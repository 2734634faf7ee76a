"""DDRM and DDNM+: two independent implementations, against the recursion and each other."""

from functools import partial

import attrs
import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, GaussianNoise, NoiseLevel, Problem, SeededRandomness, VideoSpace, solve
from invsolve.errors import CapabilityError
from invsolve.testing.probing import affine_probe
from invsolve_operators import Convolution, TemporalAverage
from invsolve_priors import Gaussian, SpectralGaussian
from invsolve_samplers import (
    DDIMKernel,
    DDNMPlusGuidance,
    DDPMKernel,
    DDRMGuidance,
    Diffusion,
    DPMSolverKernel,
    ExactGuidance,
    PiGDMGuidance,
    TMPDGuidance,
)
from tests.samplers.analytic import AnalyticPrior, average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, Oracle, chain, ddrm_step, unit_start
from tests.samplers.one_step import NEXT, Seen, latent, latent_problem


def path(steps: int) -> list[tuple[float, float]]:
    return [(level.a, level.s) for level in DiscreteSchedule().levels(steps, "linspace")]


@pytest.mark.parametrize(
    ("steps", "mean", "trace"),
    [(20, None, 0.30342), (100, (1.006396, 0.331217, 0.631217, 0.806396), 0.34423)],
    ids=["20", "100"],
)
@pytest.mark.parametrize("rule", [DDRMGuidance(), DDNMPlusGuidance()], ids=lambda r: type(r).__name__)
def test_reference_rows(rule, steps: int, mean, trace: float):
    problem = average_problem(pixel_prior(G1), G1)
    found = affine_probe(problem, Diffusion(guidance=rule, steps=steps, spacing="linspace"))
    assert float(found.covariance.trace()) == pytest.approx(trace, abs=1e-4)
    if mean is not None:
        np.testing.assert_allclose(found.mean.numpy(), mean, atol=1e-4)
    expected = chain(path(steps), partial(ddrm_step, G1, eta=0.85, eta_b=1.0), unit_start(G1))
    np.testing.assert_allclose(found.mean.numpy(), expected[0], atol=1e-8)
    np.testing.assert_allclose(found.covariance.numpy(), expected[1], atol=1e-8)


@pytest.mark.parametrize(("eta", "eta_b"), [(0.85, 1.0), (0.3, 0.6), (0.0, 1.0)])
def test_ddrm_against_the_recursion(eta: float, eta_b: float):
    problem = average_problem(pixel_prior(G2), G2)
    found = affine_probe(problem, Diffusion(guidance=DDRMGuidance(eta, eta_b), steps=15, spacing="linspace"))
    expected = chain(path(15), partial(ddrm_step, G2, eta=eta, eta_b=eta_b), unit_start(G2))
    np.testing.assert_allclose(found.mean.numpy(), expected[0], atol=1e-8)
    np.testing.assert_allclose(found.covariance.numpy(), expected[1], atol=1e-8)


def blurred() -> Problem:
    """Two frames of 3 x 3 pixels, blurred in space and averaged in time: complex singular vectors, zeros among them."""
    numbers = np.random.default_rng(2)
    root = numbers.standard_normal((18, 18)) / 4
    prior = Gaussian(numbers.standard_normal((1, 2, 3, 3)), root @ root.T + 0.05 * np.eye(18))
    operator = TemporalAverage(frames=2) @ Convolution(values=[[0.2, 0.1, 0.0], [0.3, 0.2, 0.0], [0.1, 0.1, 0.0]])
    return Problem(
        operator=operator,
        observation=torch.as_tensor(numbers.standard_normal((1, 1, 1, 3, 3))),
        prior=prior,
        noise=GaussianNoise(std=0.2),
        space=VideoSpace(frames=2, height=3, width=3, channels=1, transfer="linear"),
    )


@pytest.mark.parametrize("fraction", [0.0, 0.85])
def test_ddnm_plus_is_ddrm_with_eta_b_1(fraction: float):
    problem = blurred()
    one = affine_probe(problem, Diffusion(guidance=DDNMPlusGuidance(fraction), steps=6))
    other = affine_probe(problem, Diffusion(guidance=DDRMGuidance(fraction, 1.0), steps=6))
    np.testing.assert_allclose(one.mean.numpy(), other.mean.numpy(), atol=1e-10)
    np.testing.assert_allclose(one.covariance.numpy(), other.covariance.numpy(), atol=1e-10)


def test_a_decoder_that_scales_changes_units_only():
    scaled = AnalyticPrior(mu=(G1.mu - 0.5) / 3, C=G1.C / 9, B=3 * np.eye(4), c=np.full(4, 0.5))
    video = Oracle(G1.mu - 0.5, G1.C, G1.A, G1.sigma, G1.y - 0.5)
    for rule in (DDRMGuidance(), DDNMPlusGuidance()):
        sampler = Diffusion(guidance=rule, steps=5)
        latent_units = affine_probe(average_problem(scaled, G1), sampler)
        thirds = Oracle(video.mu / 3, video.C / 9, video.A, video.sigma / 3, video.y / 3)
        plain = affine_probe(average_problem(pixel_prior(thirds), thirds), sampler)
        np.testing.assert_allclose(latent_units.mean.numpy(), plain.mean.numpy(), rtol=1e-10)
        np.testing.assert_allclose(latent_units.covariance.numpy(), plain.covariance.numpy(), rtol=1e-10)


@pytest.mark.parametrize("rule", [DDRMGuidance(), DDNMPlusGuidance()], ids=lambda r: type(r).__name__)
def test_refusals(rule):
    sampler = Diffusion(guidance=rule, steps=2)
    prior, _ = latent()
    with pytest.raises(CapabilityError, match="latent priors"):
        affine_probe(latent_problem(prior), sampler)
    problem = blurred()
    reflecting = attrs.evolve(problem.operator.operators[0], border="reflect")
    with pytest.raises(CapabilityError, match="singular values"):
        affine_probe(attrs.evolve(problem, operator=TemporalAverage(frames=2) @ reflecting), sampler)


def test_tmpd_is_exact_guidance_on_a_gaussian():
    """Nine measurements with a blur: conjugate gradients through Jacobians against dense algebra."""
    problem = blurred()
    z = torch.as_tensor(np.random.default_rng(3).standard_normal((1, 1, 2, 3, 3)))
    for abar in (0.01, 0.5, 0.99):
        level = NoiseLevel(abar**0.5, (1 - abar) ** 0.5, 0.0)
        found = []
        for rule in (ExactGuidance(), TMPDGuidance(iterations=500)):
            kernel = Seen()
            rule.step(problem, kernel, z, level, NEXT, SeededRandomness(0))
            found.append(kernel.prediction)
        torch.testing.assert_close(found[1].z0, found[0].z0, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(found[1].eps, found[0].eps, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rule", [PiGDMGuidance(), TMPDGuidance(iterations=1)], ids=lambda r: type(r).__name__)
def test_rules_are_stable_where_variances_lie_far_from_one(rule):
    """A prior with variances from 0.01 to 400, where one guessed variance alone would overshoot without bound."""
    oracle = attrs.evolve(G1, C=np.diag([400.0, 0.01, 1.0, 0.25]), sigma=0.01)
    problem = average_problem(pixel_prior(oracle), oracle)
    solution = solve(problem, Diffusion(guidance=rule, steps=30), seed=0, samples=20)
    assert float(solution.chi_square.mean()) < 3


@pytest.mark.parametrize("kernel", [DDPMKernel(), DDIMKernel(), DPMSolverKernel()], ids=lambda k: type(k).__name__)
@pytest.mark.parametrize("steps", [5, 40])
def test_the_default_guidance_copes_with_the_spectral_prior(kernel, steps: int):
    """Its variances reach into the hundreds."""
    operator, space = TemporalAverage(frames=4), VideoSpace(frames=4, height=16, width=16, transfer="linear")
    picture = 0.4 + 0.3 * torch.sin(torch.arange(16.0) / 3)
    problem = Problem(operator, picture.expand(1, 3, 1, 16, 16), SpectralGaussian(), space=space)
    solution = solve(problem, Diffusion(kernel=kernel, steps=steps), seed=0)
    assert float(solution.video.abs().max()) < 2
