"""The Gauss-Newton rule against its formula written out, and as the exact posterior where it is that."""

import attrs
import numpy as np
import pytest
import torch

from invsolve import NoiseLevel, PoissonGaussianNoise
from invsolve_operators import CameraResponse
from invsolve_samplers import GaussNewtonGuidance
from tests.samplers.analytic import average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, Oracle
from tests.samplers.one_step import HALF, POINT, latent, latent_problem, step_on

Z = np.array([0.3, -1.0, 0.2])


def written_out(A, J, residual, variance, noise):
    """z0' - z0 = r2 G^T (r2 G G^T + N)^-1 r with G = A J."""
    G = A @ J
    return variance * G.T @ np.linalg.solve(variance * G @ G.T + noise, residual)


@pytest.mark.parametrize(("prior_variance", "least", "variance"), [(1.0, 0.0, 0.5), (0.2, 0.0, 1 / 6), (0.2, 0.3, 0.3)])
def test_the_formula_with_an_affine_decoder(prior_variance, least, variance):
    prior, _ = latent()
    rule = GaussNewtonGuidance(iterations=3, prior_variance=prior_variance, least_variance=least)
    step = step_on(rule, latent_problem(prior), Z)
    clean = prior.predict(column(Z), HALF).z0.flatten().numpy()
    residual = G1.y - G1.A @ (prior.B @ clean + prior.c)
    wanted = clean + written_out(G1.A, prior.B, residual, variance, G1.sigma**2 * np.eye(len(residual)))
    np.testing.assert_allclose(step.z0, wanted, rtol=1e-10)
    np.testing.assert_allclose(step.eps, (Z - HALF.a * wanted) / HALF.s, rtol=1e-10)
    assert step.info["misfit"] == pytest.approx(np.sqrt(np.mean(residual**2)))


@pytest.mark.parametrize("level", [HALF, NoiseLevel(0.0, 1.0, 1.0)], ids=["half", "pure noise"])
def test_it_is_the_posterior_mean_under_a_white_prior(level):
    """E[z0 | z, y] of a Gaussian with covariance v I, by conditioning on both at once."""
    v, n = 0.7, 4
    white = Oracle(G2.mu, v * np.eye(n), G2.A, G2.sigma, G2.y)
    rule = GaussNewtonGuidance(prior_variance=v)
    step = step_on(rule, average_problem(pixel_prior(white), white), POINT, level)
    seen = np.vstack([level.a * np.eye(n), G2.A])
    noise = np.diag([level.s**2] * n + [G2.sigma**2] * len(G2.y))
    surprise = np.concatenate([POINT, G2.y]) - seen @ G2.mu
    wanted = G2.mu + v * seen.T @ np.linalg.solve(v * seen @ seen.T + noise, surprise)
    np.testing.assert_allclose(step.z0, wanted, rtol=1e-9)


def test_chunks_of_frames_change_nothing():
    prior, _ = latent()
    problem = latent_problem(prior)
    whole = step_on(GaussNewtonGuidance(), problem, Z)
    np.testing.assert_allclose(
        step_on(GaussNewtonGuidance(), attrs.evolve(problem, decode_frames=2), Z).z0, whole.z0, rtol=1e-12
    )


def test_an_operator_and_a_noise_that_are_not_linear():
    """G holds the slope of the camera's curve, N the variance of the noise at A(z0)."""
    problem = average_problem(pixel_prior(G2), G2)
    curved = attrs.evolve(
        problem,
        operator=CameraResponse(curve="gamma:2.0", clip="none") @ problem.operator,
        observation=torch.full_like(problem.observation, 0.6),
        noise=PoissonGaussianNoise(gain=0.02, std=0.05),
    )
    point = np.array([0.9, 0.4, 0.6, 0.5])
    step = step_on(GaussNewtonGuidance(), curved, point)
    clean = G2.clean(point, HALF.a, HALF.s)
    light = float(G2.A[0] @ clean)
    assert light > 0
    slope = G2.A / (2 * np.sqrt(light))
    noise = np.array([[0.02 * np.sqrt(light) + 0.05**2]])
    wanted = clean + written_out(slope, np.eye(4), np.array([0.6 - np.sqrt(light)]), 0.5, noise)
    np.testing.assert_allclose(step.z0, wanted, rtol=1e-8)
