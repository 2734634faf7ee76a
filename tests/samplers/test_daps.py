"""DAPS: its parts against closed forms, whole runs against an independent recursion, and the limits of each variant."""

from itertools import pairwise

import attrs
import numpy as np
import pytest
import torch

from invsolve import (
    DiscreteSchedule,
    EDMSchedule,
    FlowSchedule,
    GaussianNoise,
    PoissonNoise,
    Problem,
    Requirement,
    SeededRandomness,
    VideoSpace,
    solve,
)
from invsolve.errors import CapabilityError
from invsolve.testing.probing import InjectedRandomness, affine_probe
from invsolve.testing.small import SquaredMean, small_problem
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian, GaussianMixture
from invsolve_samplers import DAPS
from invsolve_samplers.moves.closed_form import closed_form_draw, decoder_scale
from invsolve_samplers.moves.langevin import langevin, likelihood_curvature
from invsolve_samplers.moves.probability_flow import nodes, probability_flow
from tests.samplers.analytic import AnalyticPrior, average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, ISOTROPIC, Array, Oracle
from tests.samplers.one_step import latent, latent_problem

EDM = EDMSchedule(sigma_min=0.01, sigma_max=100.0)


def closed(oracle: Oracle, schedule=EDM) -> Problem:
    return average_problem(Gaussian(oracle.mu.reshape(1, 4, 1, 1), oracle.C, schedule), oracle)


def sigmas(steps: int) -> Array:
    ramp = np.linspace(0.0, 1.0, steps)
    return np.append((100 ** (1 / 7) + ramp * (0.01 ** (1 / 7) - 100 ** (1 / 7))) ** 7, 0.0)


def flow_map(o: Oracle, sigma: Array, i: int, ode_steps: int | None) -> Array:
    """The linear part of the flow's end, about the prior mean; None: the ODE solved exactly."""
    if ode_steps is None:
        values, vectors = np.linalg.eigh(o.C)
        return (vectors * np.sqrt(values / (values + sigma[i] ** 2))) @ vectors.T
    noisy = len(sigma) - 1 - i
    visited = [*(i + np.round(np.linspace(0, noisy - 1, min(ode_steps, noisy))).astype(int)), i + noisy]
    found = o.eye
    for here, there in pairwise(visited):
        shrink = o.C @ np.linalg.inv(o.C + sigma[here] ** 2 * o.eye)
        found = (shrink + sigma[there] / sigma[here] * (o.eye - shrink)) @ found
    return found


def recursion(o: Oracle, steps: int, ode_steps: int | None, variance: float | None = None) -> tuple[Array, Array]:
    """Mean and covariance of a whole run on the levels of `EDM`, in matrices."""
    sigma = sigmas(steps)
    m, p = np.zeros(4), (1 + sigma[0] ** 2) * o.eye
    for i in range(steps):
        x = flow_map(o, sigma, i, ode_steps)
        r2 = sigma[i] ** 2 if variance is None else sigma[i] ** 2 * variance / (sigma[i] ** 2 + variance)
        q = np.linalg.inv(o.eye / r2 + o.A.T @ o.A / o.sigma**2)
        f = q @ x / r2
        m = f @ m + q @ ((o.eye - x) @ o.mu / r2 + o.A.T @ o.y / o.sigma**2)
        p = f @ p @ f.T + q + sigma[i + 1] ** 2 * o.eye
    return m, p


@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("schedule", [EDM, DiscreteSchedule(), FlowSchedule()], ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("oracle", [G1, G2], ids=["G1", "G2"])
def test_the_exact_conditional_is_exact_in_any_number_of_steps(oracle: Oracle, schedule, steps: int):
    found = affine_probe(closed(oracle, schedule), DAPS(steps=steps, estimator="exact"))
    np.testing.assert_allclose(found.mean.numpy(), oracle.posterior[0], atol=1e-10)
    np.testing.assert_allclose(found.covariance.numpy(), oracle.posterior[1], atol=1e-10)


@pytest.mark.parametrize("tau2", [1.0, 2.5])
def test_tweedie_is_exact_in_any_number_of_steps_for_the_covariance_it_presumes(tau2: float):
    """Pure noise (a = 0) is the exact start."""
    oracle = attrs.evolve(ISOTROPIC, C=tau2 * np.eye(4))
    found = affine_probe(closed(oracle, FlowSchedule()), DAPS(steps=4, prior_variance=tau2))
    np.testing.assert_allclose(found.mean.numpy(), oracle.posterior[0], atol=1e-9)
    np.testing.assert_allclose(found.covariance.numpy(), oracle.posterior[1], atol=1e-9)


@pytest.mark.parametrize("variance", [None, 1.0])
@pytest.mark.parametrize(("estimator", "ode_steps"), [("tweedie", 1), ("ode", 1), ("ode", 5), ("ode", 50)])
def test_a_run_is_the_recursion(estimator, ode_steps: int, variance: float | None):
    sampler = DAPS(steps=12, estimator=estimator, ode_steps=ode_steps, prior_variance=variance)
    found = affine_probe(average_problem(pixel_prior(G2, EDM), G2), sampler)
    mean, covariance = recursion(G2, 12, ode_steps, variance)
    np.testing.assert_allclose(found.mean.numpy(), mean, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.covariance.numpy(), covariance, rtol=1e-8, atol=1e-9)


def test_reference_values():
    """2000 levels with the published r = s / a."""
    assert np.trace(recursion(G1, 2000, None)[1]) == pytest.approx(0.994, abs=5e-4)
    assert np.trace(recursion(G2, 2000, None)[1]) == pytest.approx(4.283, abs=5e-4)
    assert np.trace(recursion(G2, 2000, 1)[1]) == pytest.approx(2.177, abs=5e-4)
    assert np.linalg.norm(recursion(G1, 2000, 1)[1] - G1.posterior[1]) == pytest.approx(1.4e-3, abs=5e-5)


def test_tweedie_is_exact_in_the_limit_and_the_ode_tempers_the_prior():
    """Error of Tweedie falls with the steps; that of the ODE stays, and vanishes against a prior of covariance 2 C."""
    for oracle in (G1, G2):
        tempered = attrs.evolve(oracle, C=2 * oracle.C).posterior[1]
        errors = [np.linalg.norm(recursion(oracle, n, 1)[1] - oracle.posterior[1]) for n in (200, 400, 800)]
        assert all(1.7 < coarse / fine < 2.3 for coarse, fine in pairwise(errors))
        ode = [recursion(oracle, n, None)[1] for n in (200, 800)]
        gaps = [np.linalg.norm(p - tempered) / np.linalg.norm(tempered) for p in ode]
        assert gaps[1] < 0.4 * gaps[0] < 0.1
        assert np.linalg.norm(ode[1] - oracle.posterior[1]) > 0.3


def test_the_flow_ends_where_the_ode_does():
    """First order: `sqrt(C / (C + sigma^2))` about the mean, with all of ever more levels."""
    prior = pixel_prior(G2, EDM)
    problem = average_problem(prior, G2)
    z = np.array([3.0, -1.0, 2.0, 0.5])
    exact = G2.mu + np.sqrt(np.diag(G2.C) / (np.diag(G2.C) + 100.0**2)) * (z - G2.mu)
    errors = []
    for count in (200, 400, 800):
        end = probability_flow(problem, column(z), EDM.levels(count), count)
        errors.append(np.abs(end.flatten().numpy() - exact).max())
    assert errors[2] < 0.02
    assert 1.8 < errors[0] / errors[1] < 2.2 and 1.8 < errors[1] / errors[2] < 2.2


def test_the_levels_of_the_flow():
    assert nodes(1, 5) == [0, 1]
    assert nodes(3, 5) == [0, 1, 2, 3]
    assert nodes(9, 3) == [0, 4, 8, 9]
    assert nodes(9, 1) == [0, 9]


def draw_law(problem: Problem, centre: Array, variance: float, gain: float) -> tuple[Array, Array]:
    """Mean and covariance of `closed_form_draw`, probed."""
    n = len(centre)
    hot = torch.cat([torch.zeros(1, n + 1), torch.eye(n + 1)]).double()
    draws = InjectedRandomness({(0, 0): hot[:, :n], (0, 1): hot[:, n:]})
    rows = problem.select([0] * (n + 2))
    found = closed_form_draw(rows, column(centre).repeat(n + 2, 1, 1, 1, 1), variance, gain, draws).reshape(n + 2, n)
    offset = found[0].numpy()
    columns = found[1:].numpy() - offset
    return offset, columns.T @ columns


@pytest.mark.parametrize("gain", [1.0, 0.25, -2.0])
@pytest.mark.parametrize("variance", [1e-3, 0.7, 1e4])
def test_the_closed_form_draw(variance: float, gain: float):
    """Against the precision matrix, and for the plain decoder against the formula of an average."""
    o, shift = G2, np.array([0.5, 0.1, 0.2, 0.3])
    prior = AnalyticPrior(o.mu, o.C, gain * np.eye(4), shift)
    centre = np.array([0.3, -1.0, 2.0, 0.1])
    a = gain * o.A
    q = np.linalg.inv(np.eye(4) / variance + a.T @ a / o.sigma**2)
    mean, covariance = draw_law(average_problem(prior, o), centre, variance, gain)
    expected = q @ (centre / variance + a.T @ (o.y - o.A @ shift) / o.sigma**2)
    np.testing.assert_allclose(mean, expected, rtol=1e-9)
    np.testing.assert_allclose(covariance, q, rtol=1e-9, atol=1e-11 * variance)
    w = a[0]
    lost = variance**2 * np.outer(w, w) / (o.sigma**2 + variance * w @ w)
    np.testing.assert_allclose(covariance, variance * np.eye(4) - lost, rtol=1e-7, atol=1e-9 * variance)


def test_decoders_that_scale_and_those_that_do_not():
    shift = np.array([0.5, 0.1, 0.2, 0.3])
    scales = AnalyticPrior(G2.mu, G2.C, 0.25 * np.eye(4), shift)
    mixes = AnalyticPrior(G2.mu, G2.C, np.diag([0.25, 0.25, 0.25, 0.26]), shift)
    assert decoder_scale(average_problem(pixel_prior(G2), G2)) == pytest.approx(1.0, rel=1e-12)
    assert decoder_scale(average_problem(scales, G2)) == pytest.approx(0.25, rel=1e-12)
    assert decoder_scale(average_problem(mixes, G2)) is None
    assert decoder_scale(latent_problem(latent()[0])) is None
    assert decoder_scale(small_problem(dtype=torch.float32)) == pytest.approx(0.25, rel=1e-6)


def chain_law(lengths: Array, precision: Array, pull: Array, start: Array) -> tuple[Array, Array]:
    m, p = start, np.zeros_like(precision)
    for h in lengths:
        f = np.eye(len(m)) - h * precision
        m, p = f @ m + h * pull, f @ p @ f.T + 2 * h * np.eye(len(m))
    return m, p


def probed_chain(problem: Problem, centre: Array, variance: float, count: int, **fields) -> tuple[Array, Array]:
    """Mean and covariance of a chain from its centre: one run for each number drawn."""
    d = len(centre)
    hot = torch.cat([torch.zeros(1, d * count), torch.eye(d * count)]).double()
    draws = InjectedRandomness({(0, k): hot[:, d * k : d * (k + 1)] for k in range(count)})
    middle = column(centre).repeat(len(hot), 1, 1, 1, 1)
    rows = problem.select([0] * len(hot))
    found = langevin(rows, middle, variance, middle, draws, iterations=count, **fields).reshape(-1, d).numpy()
    columns = found[1:] - found[0]
    return found[0], columns.T @ columns


def test_langevin_in_a_latent_space_is_its_recursion():
    """Through the decoder B, with curvature 1 / r2 + ||B^T A^T||^2 / std^2 and a falling step."""
    prior, o = latent()
    centre, r2, count = np.array([0.3, -1.0, 2.0]), 0.4, 12
    lengths = 0.8 * np.linspace(1.0, 0.01, count) / (1 / r2 + float((o.A @ o.A.T).squeeze()) / o.sigma**2)
    precision, pull = np.eye(3) / r2 + o.A.T @ o.A / o.sigma**2, centre / r2 + o.A.T @ o.y / o.sigma**2
    expected = chain_law(lengths, precision, pull, centre)
    mean, covariance = probed_chain(latent_problem(prior), centre, r2, count, step_size=0.8)
    np.testing.assert_allclose(mean, expected[0], rtol=1e-9)
    np.testing.assert_allclose(covariance, expected[1], rtol=1e-7, atol=1e-10)


def test_a_constant_step_has_the_known_stationary_law():
    """``(Q^-1 - h/2 Q^-2)^-1`` about the right mean."""
    o, r2 = G2, 0.05
    precision = np.eye(4) / r2 + o.A.T @ o.A / o.sigma**2
    h = 0.5 / np.linalg.eigvalsh(precision)[-1]
    mean, covariance = probed_chain(average_problem(pixel_prior(o), o), np.zeros(4), r2, 60, step_size=0.5, final=1.0)
    np.testing.assert_allclose(mean, np.linalg.solve(precision, o.A.T @ o.y / o.sigma**2), rtol=1e-5)
    np.testing.assert_allclose(covariance, np.linalg.inv(precision - h / 2 * precision @ precision), rtol=1e-6)


def test_the_curvature_is_that_of_the_likelihood_of_each_trajectory():
    prior, o = latent()
    problem = latent_problem(prior)
    exact = float((o.A @ o.A.T).squeeze()) / o.sigma**2
    assert float(likelihood_curvature(problem, column(np.array([1.0, 0.0, 2.0])))) == pytest.approx(exact, rel=1e-8)
    many = small_problem(operator=SquaredMean())
    z = torch.linspace(-1, 1, 3, dtype=torch.float64).reshape(3, 1, 1, 1, 1).expand(3, *many.latent_shape)
    x, y = 0.5 + 0.25 * z[:, 0, 0, 0, 0], many.observation[:, 0, 0, :, 0]  # the same in all frames; y has two rows
    each = (6 * x[:, None] ** 2 - 2 * y).abs() * 0.25**2 / (4 * 0.05**2)
    found = likelihood_curvature(many, z).flatten()
    share = (found / each.amax(1)).numpy()  # power iteration comes from below; the differences are of finite length
    assert (share > 0.85).all() and (share < 1.02).all()


def test_langevin_runs_in_a_latent_space_sample_the_posterior():
    """Covariance I, for which nothing but the chains is approximate: within 5 deviations of 400 samples, a tenth."""
    prior, o = latent()
    problem = latent_problem(attrs.evolve(prior, C=np.eye(3), schedule=FlowSchedule()))
    problem = attrs.evolve(problem, noise=GaussianNoise(std=0.3))
    mean, covariance = attrs.evolve(o, C=np.eye(3), sigma=0.3).posterior
    sampler = DAPS(steps=4, langevin_steps=30)
    assert sampler.init(problem, SeededRandomness(0)).scale is None
    found = solve(problem, sampler, seed=0, samples=400).latent.reshape(-1, 3).numpy()
    spread = np.sqrt(np.diag(covariance))
    assert (np.abs(found.mean(0) - mean) < (0.1 + 5 / np.sqrt(400)) * spread).all()
    assert (np.abs(found.std(0) / spread - 1) < 0.1 + 5 / np.sqrt(800)).all()


def test_both_directions_of_time_are_kept():
    """An average does not tell a motion from its reversal: 300 samples, occupancy within 4 binomial deviations."""
    ramp = np.linspace(-1, 1, 4)
    prior = GaussianMixture(
        [0.5, 0.5], np.stack([ramp, -ramp]).reshape(2, 1, 4, 1, 1), np.stack([0.05 * np.eye(4)] * 2)
    )
    problem = Problem(
        operator=TemporalAverage(frames=4),
        observation=torch.full((1, 1, 1, 1, 1), 0.2, dtype=torch.float64),
        prior=prior,
        noise=GaussianNoise(std=0.05),
        space=VideoSpace(frames=4, height=1, width=1, channels=1, transfer="linear"),
    )
    for sampler in (DAPS(steps=30), DAPS(steps=5, estimator="exact")):
        z = solve(problem, sampler, seed=0, samples=300).latent.reshape(300, 4).numpy()
        forward = z @ ramp > 0
        assert abs(forward.mean() - 0.5) < 4 * 0.5 / np.sqrt(300)
        turned = np.where(forward[:, None], z, z[:, ::-1])
        np.testing.assert_allclose(turned.mean(0), ramp + 1 / 6, atol=0.08)


@pytest.mark.parametrize("problem", [small_problem(noise=PoissonNoise(0.01)), small_problem(operator=SquaredMean())])
def test_any_noise_and_any_operator(problem: Problem):
    """Langevin chains explain the observation as well as its noise allows, without a step size tuned to it."""
    solution = solve(problem, DAPS(steps=10, langevin_steps=30), seed=0, samples=20)
    assert 0.5 < float(solution.chi_square.mean()) < 1.6


def test_requirements():
    gaussian = {Requirement.LINEAR, Requirement.GAUSSIAN_NOISE}
    assert DAPS().requires == set()
    assert DAPS(start=0.5).requires == set()
    assert DAPS(inner="closed_form").requires == gaussian
    assert DAPS(estimator="exact").requires == gaussian | {Requirement.TRACTABLE_PRIOR}


def test_refusals():
    with pytest.raises(CapabilityError, match="does more than scale and shift"):
        solve(latent_problem(latent()[0]), DAPS(steps=2, inner="closed_form"), seed=0)
    with pytest.raises(CapabilityError, match="prior_variance"):
        solve(closed(G1, FlowSchedule()), DAPS(steps=2, prior_variance=None, spacing="trailing"), seed=0)


def test_a_late_start_is_the_noised_pseudo_inverse():
    problem = closed(G1)
    state = DAPS(steps=5, start=0.5).init(problem, SeededRandomness(1))
    level = EDM.levels(10, "karras")[5]
    noise = SeededRandomness(1).normal(state.z)
    torch.testing.assert_close(state.z, 0.7 + level.s * noise)


def test_estimates_of_a_run():
    """The prior's before the first step, then the clean draw that the noisy latent was made from."""
    problem, sampler, rng = closed(G1), DAPS(steps=3), SeededRandomness(0)
    state = sampler.init(problem, rng)
    level = EDM.levels(3, "karras")[0]
    torch.testing.assert_close(sampler.estimate(problem, state), problem.predict(state.z, level).z0)
    state, info = sampler.step(problem, state, 0, rng.at(0))
    estimate = sampler.estimate(problem, state)
    assert not torch.equal(estimate, state.z)
    torch.testing.assert_close(info["misfit"], problem.residual(estimate).square().mean().sqrt().reshape(1))
