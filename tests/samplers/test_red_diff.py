"""RED-diff: its gradient against the loss of its paper, its steps against torch's Adam, its fixed points."""

import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, FlowSchedule, SeededRandomness, solve
from invsolve.testing.small import SquaredMean, small_problem
from invsolve_samplers import RedDiff
from tests.samplers.analytic import average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, ISOTROPIC, Array, Oracle, linear_betas
from tests.samplers.one_step import HALF, POINT, latent, latent_problem

FIXED = {
    "G1": (G1, (0.95155398, 0.25834557, 0.55834557, 0.75155398)),
    "G2": (G2, (1.04859199, 0.16084256, 0.55780671, 0.70108383)),
}


def expected_gradient(o: Oracle, points: list[Array], weight: float = 0.25, every: int = 1) -> Array:
    """At each point, the mean over levels and noise, by calls of the sampler's own gradient."""
    problem, sampler = average_problem(pixel_prior(o), o, count=len(points)), RedDiff(weight=weight)
    mean = torch.cat([column(point) for point in points])
    zero = torch.zeros_like(mean)  # the gradient is affine in the noise: at its mean it has its mean
    levels = problem.prior.schedule.levels(1000)[:-1:every]
    found = [sampler.gradient(problem, mean, level, zero)[0].reshape(-1, 4).numpy() for level in levels]
    return np.mean(found, axis=0)


def pull_matrix(o: Oracle, weight: float = 0.25) -> Array:
    levels = linear_betas()[:-1]
    return weight * np.mean([s * s * np.linalg.inv(a * a * o.C + s * s * o.eye) for a, s in levels], axis=0)


@pytest.mark.parametrize("name", FIXED)
def test_fixed_points(name: str):
    """Where the expected gradient vanishes: the reference values, which solve the linear system of the docstring."""
    o, reference = FIXED[name]
    pull = pull_matrix(o)
    matrix = pull / 4 + o.A.T @ o.A
    point = np.linalg.solve(matrix, pull @ o.mu / 4 + o.A.T @ o.y)
    np.testing.assert_allclose(point, reference, atol=6e-9)
    there, beside = expected_gradient(o, [point, point + np.eye(4)[0]])
    np.testing.assert_allclose(there, 0.0, atol=1e-14)
    np.testing.assert_allclose(beside, matrix[0], rtol=1e-9)


def test_the_point_is_the_most_likely_video_for_the_right_weight_and_covariance_one_only():
    """``weight mean(s^2) m / d = std^2``."""
    fit = 4 * 0.1**2 / np.mean([s * s for _, s in linear_betas()[:-1:20]])
    gradients = [expected_gradient(o, [o.posterior[0]], fit, every=20) for o in (ISOTROPIC, G2)]
    np.testing.assert_allclose(gradients[0], 0.0, atol=1e-14)
    assert np.abs(gradients[1]).max() > 1e-3


@pytest.mark.parametrize(("weighting", "power"), [("linear", 1.0), ("sqrt", 0.5), ("constant", 0.0)])
def test_the_gradient_is_that_of_the_loss(weighting, power: float):
    """In a latent space, with the weight ``w = (s / a)^power`` of ``sg[eps(z) - n] mu``, by autograd."""
    prior, _ = latent()
    problem = latent_problem(prior)
    mu, noise = column(np.array([0.3, -1.0, 0.2])), column(np.array([0.7, 0.1, -1.2]))
    level = DiscreteSchedule().at(300.0)
    leaf = mu.clone().requires_grad_()
    eps = prior.predict(level.a * mu + level.s * noise, level).eps
    loss = 0.25 * (level.s / level.a) ** power * ((eps - noise) * leaf).mean()
    loss = loss + 0.5 * (problem.observation - problem.operator.forward(prior.decode(leaf))).square().mean()
    (expected,) = torch.autograd.grad(loss, leaf)
    gradient, residual = RedDiff(weighting=weighting).gradient(problem, mu, level, noise)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(residual, problem.residual(mu))


def test_a_run_is_torch_adam():
    problem, steps = average_problem(pixel_prior(G2), G2), 30
    found = solve(problem, RedDiff(steps=steps, learning_rate=0.05), seed=3).latent.reshape(4)
    leaf = torch.full((1, 1, 4, 1, 1), 0.7, dtype=torch.float64, requires_grad=True)  # A^+ y
    adam = torch.optim.Adam([leaf], lr=0.05, betas=(0.9, 0.99))
    rng = SeededRandomness(3)
    for i, level in enumerate(problem.prior.schedule.levels(steps)[:-1]):
        noise = rng.at(i).normal(leaf)
        with torch.no_grad():
            eps = problem.prior.predict(level.a * leaf + level.s * noise, level).eps
        loss = 0.25 * level.s / level.a * ((eps - noise) * leaf).mean()
        loss = loss + 0.5 * (problem.observation - leaf.mean(2, keepdim=True)).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    torch.testing.assert_close(found, leaf.detach().reshape(4), rtol=1e-9, atol=1e-12)


def test_it_starts_at_the_pseudo_inverse_or_at_the_estimate_of_the_prior():
    linear = average_problem(pixel_prior(G2), G2)
    torch.testing.assert_close(RedDiff().init(linear, SeededRandomness(0)).mean, column(np.full(4, 0.7)))
    problem, rng = small_problem(operator=SquaredMean()), SeededRandomness(0, ((0, 0), (1, 0), (2, 0)))
    level = problem.prior.schedule.levels(1000)[0]
    noise = rng.normal(torch.empty(3, *problem.latent_shape, dtype=torch.float64))
    expected = problem.predict(level.start_std * noise, level).z0
    found = RedDiff().init(problem, SeededRandomness(0, ((0, 0), (1, 0), (2, 0)))).mean
    torch.testing.assert_close(found, expected)


def test_pure_noise_pulls_to_the_prior_mean():
    """At a = 0 the weight s / a is infinite, the pull is not."""
    problem = average_problem(pixel_prior(G2, FlowSchedule(), "flow"), G2)
    level = FlowSchedule().levels(4)[0]
    assert level.a == 0
    mean = column(POINT)
    gradient, residual = RedDiff(weight=2.0).gradient(problem, mean, level, torch.zeros_like(mean))
    data = -residual.flatten().numpy() * 0.25
    np.testing.assert_allclose(gradient.flatten().numpy(), 2.0 * (POINT - G2.mu) / 4 + data, rtol=1e-12)
    still = RedDiff(weighting="constant").gradient(problem, mean, level, torch.zeros_like(mean))[0]
    np.testing.assert_allclose(still.flatten().numpy(), data.repeat(4), rtol=1e-12)


def test_samples_differ_by_far_less_than_the_posterior():
    problem = average_problem(pixel_prior(G1), G1)
    spread = solve(problem, RedDiff(steps=100), seed=0, samples=20).latent.std(0)
    assert HALF.a > 0 and float(spread.square().sum()) < 0.1 * np.trace(G1.posterior[1])
