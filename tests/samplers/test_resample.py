"""ReSample: the resampling product, the inner optimisations, when each happens, and a whole step written out."""

import attrs
import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, SeededRandomness, solve
from invsolve.testing.probing import InjectedRandomness
from invsolve_samplers import ReSample
from invsolve_samplers.moves.hard_consistency import consistent_latent, consistent_video
from invsolve_samplers.resample import ReSampleState, resampled
from tests.samplers.analytic import AnalyticPrior, average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G2
from tests.samplers.one_step import POINT, latent, latent_problem
from tests.samplers.test_diffpir import powered

VIDEO = np.array([0.3, -0.2, 0.9, 0.4])


def test_resampling_is_the_product_of_two_normal_laws():
    """With the published variances, ``40 (1 - abar') / (1 - abar) (1 - abar / abar')`` and ``1 - abar'``."""
    schedule = DiscreteSchedule()
    level, target = schedule.at(700.0), schedule.at(690.0)
    now, after = level.a**2, target.a**2
    other = 40 * (1 - after) / (1 - now) * (1 - now / after)
    own = 1 - after
    clean, z = column(VIDEO), column(POINT)
    hot = torch.cat([torch.zeros(1, 4), torch.eye(4)]).double()
    rows = (clean.repeat(5, 1, 1, 1, 1), z.repeat(5, 1, 1, 1, 1))
    found = resampled(*rows, level, target, 40.0, InjectedRandomness({(0, 0): hot})).reshape(5, 4).numpy()
    precision = 1 / own + 1 / other
    np.testing.assert_allclose(found[0], (target.a * VIDEO / own + POINT / other) / precision, rtol=1e-12)
    np.testing.assert_allclose(found[1:] - found[0], np.eye(4) / np.sqrt(precision), rtol=1e-12, atol=1e-15)


def test_a_video_that_fits_is_the_projection():
    problem = average_problem(pixel_prior(G2), G2)
    expected = VIDEO + np.linalg.pinv(G2.A) @ (G2.y - G2.A @ VIDEO)
    found = consistent_video(problem, column(VIDEO), left=0.0, iterations=1, rate=1.0)
    np.testing.assert_allclose(found.flatten().numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("left", [0.5, 1.0])
def test_it_stops_at_the_noise(left: float):
    problem = average_problem(pixel_prior(G2), G2, count=2)
    videos = torch.cat([column(VIDEO), column(np.full(4, 0.7 + 0.3 * left * 0.1))])  # the second fits already
    found = consistent_video(problem, videos, left=left, iterations=1, rate=1.0)
    assert float(problem.residual(found)[0]) == pytest.approx(left * 0.1, rel=1e-12)
    assert torch.equal(found[1], videos[1])


def test_adam_reaches_the_projection_of_a_temporal_average():
    """An operator that does not say it is linear; all frames share one gradient, so Adam keeps to the projection."""
    problem = powered(1.0)
    expected = VIDEO + np.linalg.pinv(G2.A) @ (G2.y - G2.A @ VIDEO)
    found = consistent_video(problem, column(VIDEO), left=1e-4, iterations=2000, rate=1e-2)
    np.testing.assert_allclose(found.flatten().numpy(), expected, atol=2e-5)
    stopped = consistent_video(powered(2.0), column(VIDEO), left=1.0, iterations=2000, rate=1e-2)
    assert 0.05 < float(powered(2.0).residual(stopped).abs()) <= 0.1


@pytest.mark.parametrize("gain", [0.25, -2.0])
def test_a_latent_behind_a_decoder_that_scales_is_solved_at_once(gain: float):
    prior = AnalyticPrior(G2.mu, G2.C, gain * np.eye(4), np.array([0.1, 0.2, 0.0, 0.3]))
    problem = average_problem(prior, G2)
    found = consistent_latent(problem, column(POINT), left=0.0, iterations=1, rate=1.0).flatten().numpy()
    expected = POINT + np.linalg.pinv(gain * G2.A) @ (G2.y - G2.A @ (gain * POINT + prior.c))
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_adam_in_the_latent_space_stops_each_trajectory_on_its_own():
    prior, _ = latent()
    problem = attrs.evolve(latent_problem(prior), observation=column(np.array([0.7])).repeat(2, 1, 1, 1, 1))
    z = torch.cat([column(np.array([1.0, 0.5, -2.0])), column(np.array([0.0, 0.1, 0.0]))])
    together = consistent_latent(problem, z, left=1.0, iterations=500, rate=5e-2)
    assert (problem.residual(together).abs() <= 0.1).all()
    assert (problem.residual(together).abs() > 0.08).any()
    for row in range(2):
        alone = consistent_latent(problem.select([row]), z[row : row + 1], left=1.0, iterations=500, rate=5e-2)
        torch.testing.assert_close(alone, together[row : row + 1], rtol=1e-12, atol=1e-12)


def test_the_first_steps_are_ddim_with_a_weak_gradient():
    problem, sampler = average_problem(pixel_prior(G2), G2), ReSample(steps=10, scale=0.7)
    level, target = problem.prior.schedule.levels(10)[2:4]
    found, info = sampler.step(problem, ReSampleState(column(POINT), 2), 2, SeededRandomness(0))
    clean = G2.clean(POINT, level.a, level.s)
    eps = (POINT - level.a * clean) / level.s
    residual = G2.y - G2.A @ clean
    slope = -G2.jacobian(level.a, level.s).T @ G2.A.T @ residual / np.abs(residual)  # of the unsquared norm
    expected = target.a * clean + target.s * eps - 0.7 * level.a**2 * slope
    np.testing.assert_allclose(found.z.flatten().numpy(), expected, rtol=1e-11)
    assert float(info["misfit"]) == pytest.approx(float(np.abs(residual)[0]), rel=1e-12)


def test_consistency_comes_in_the_second_and_third_phase():
    """12 steps, every 2nd: after 6 and 8 by videos, after 10 and 12 by latents; looking ahead 3, 3 and 2 levels."""
    prior = pixel_prior(G2)
    solve(average_problem(prior, G2), ReSample(steps=12, every=2, lookahead=3, latent_iterations=3), seed=0)
    assert len(prior.calls) == 12 + 3 + 3 + 2
    times = [level.time for level in prior.schedule.levels(12)]
    assert prior.calls[:6] == times[:6]
    assert prior.calls[6] == times[6] and prior.calls[8] == times[11]  # ahead to the last noisy level


@pytest.mark.parametrize("left", [0.3, 1.0])
def test_samples_miss_the_observation_by_the_noise(left: float):
    solution = solve(average_problem(pixel_prior(G2), G2), ReSample(steps=30, every=5, left=left), seed=0, samples=8)
    assert float(solution.chi_square.max()) <= left**2 * (1 + 1e-9)
    assert torch.isfinite(solution.video).all()


def test_estimates_of_a_run():
    problem, sampler, rng = average_problem(pixel_prior(G2), G2), ReSample(steps=3, every=1), SeededRandomness(0)
    state = sampler.init(problem, rng)
    level = problem.prior.schedule.levels(3)[0]
    torch.testing.assert_close(sampler.estimate(problem, state), problem.predict(state.z, level).z0)
    for i in range(3):
        state, _ = sampler.step(problem, state, i, rng.at(i))
    assert sampler.estimate(problem, state) is state.z
