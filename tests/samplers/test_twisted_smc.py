"""Twisted SMC: resampling, weights, the law in the limit of many particles, and that every sample is its own."""

import attrs
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from invsolve import DiscreteSchedule, EDMSchedule, FlowSchedule, PoissonNoise, Sampler, SeededRandomness, solve
from invsolve.errors import CapabilityError
from invsolve.sampler.walk import INIT
from invsolve.testing import SamplerChecks
from invsolve_priors import Gaussian, GaussianMixture
from invsolve_samplers import DDPMKernel, Diffusion, NoGuidance, PiGDMGuidance, TwistedSMC
from invsolve_samplers.smc.resampling import draw, effective_size, log_mean, normalised, pick, systematic
from invsolve_samplers.smc.twisted_smc import propose
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, MEAN, Oracle, chain, ddim_step, no_gain, unit_start

WEIGHTS = torch.tensor([[0.5, 0.0, 0.3, 0.2], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)


class TestTwistedSMC(SamplerChecks):
    def make(self) -> Sampler:
        return TwistedSMC(particles=3, steps=3, threshold=1.0)


class TestPlainTwist(SamplerChecks):
    def make(self) -> Sampler:
        return TwistedSMC(particles=2, steps=3, prior_variance=None, particles_at_once=4)


class TestFlow(SamplerChecks):
    schedule = FlowSchedule()

    def make(self) -> Sampler:
        return TwistedSMC(particles=2, steps=3)


def counts(ancestors: torch.Tensor) -> NDArray[np.int64]:
    return np.stack([np.bincount(row, minlength=ancestors.shape[1]) for row in ancestors.numpy()])


def test_systematic_resampling_keeps_its_promise():
    """Floor or ceiling of k w offspring for each particle; k w on average over the uniform number."""
    grid = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    each = np.stack([counts(systematic(WEIGHTS, u.expand(3, 1))) for u in grid])
    expected = 4 * WEIGHTS.numpy()
    assert (each >= np.floor(expected - 1e-12)).all()
    assert (each <= np.ceil(expected + 1e-12)).all()
    np.testing.assert_allclose(each.mean(axis=0), expected, atol=2e-3)
    drawn = np.stack([draw(WEIGHTS, u.expand(3, 1)).numpy() for u in grid])
    shares = np.stack([np.bincount(column, minlength=4) for column in drawn.T]) / 1000
    np.testing.assert_allclose(shares, WEIGHTS, atol=2e-3)


def test_sizes_and_means_of_weights():
    np.testing.assert_allclose(effective_size(WEIGHTS), [1 / 0.38, 4.0, 1.0])
    shifted = WEIGHTS.log() + torch.tensor([[900.0], [-900.0], [0.0]])  # beyond what exp can hold
    np.testing.assert_allclose(normalised(shifted), WEIGHTS, atol=1e-12)
    np.testing.assert_allclose(log_mean(shifted), np.array([900.0, -900.0, 0.0]) - np.log(4), rtol=1e-12)
    np.testing.assert_array_equal(pick(WEIGHTS, torch.tensor([[2], [0], [3]]))[:, 0], [0.3, 0.25, 1.0])


def test_the_weight_of_a_guided_step_is_a_ratio_of_normal_densities():
    generator = torch.Generator().manual_seed(0)
    plain, guided, noise = torch.randn(3, 2, 5, 1, 4, 1, 1, dtype=torch.float64, generator=generator)
    z, log_ratio = propose(plain, guided, 0.3, noise)
    prior, proposal = (torch.distributions.Normal(mean, 0.3).log_prob(z).flatten(2).sum(2) for mean in (plain, guided))
    np.testing.assert_allclose(log_ratio, prior - proposal, rtol=1e-12)


@pytest.mark.parametrize(
    "schedule", [DiscreteSchedule(), FlowSchedule(), EDMSchedule()], ids=lambda s: type(s).__name__
)
def test_one_particle_is_ancestral_pigdm(schedule):
    """To the bit of its noise, up to the last step, which is the prior's own."""
    problem = average_problem(pixel_prior(G2, schedule), G2)
    lonely, plain = TwistedSMC(particles=1, steps=6), Diffusion(DDPMKernel(), PiGDMGuidance(), steps=6)
    rng = SeededRandomness(3)
    population, state = lonely.init(problem, rng.at(INIT)), plain.init(problem, rng.at(INIT))
    for i in range(5):
        population, _ = lonely.step(problem, population, i, rng.at(i))
        state, _ = plain.step(problem, state, i, rng.at(i))
        np.testing.assert_allclose(population.z[:, 0], state.z, rtol=1e-12)
    population, _ = lonely.step(problem, population, 5, rng.at(5))
    z = state.z.flatten().numpy()
    level = schedule.levels(6)[5]
    np.testing.assert_allclose(population.z.flatten(), G2.clean(z, level.a, level.s), rtol=1e-12)


def prior_of_the_chain(oracle: Oracle, steps: int) -> Oracle:
    """The law that ancestral steps without guidance arrive at: what twisted SMC conditions on the observation."""
    levels = [(level.a, level.s) for level in DiscreteSchedule().levels(steps)]
    mean, covariance = chain(levels, lambda one, two: ddim_step(oracle, no_gain, one, two, 1.0), unit_start(oracle))
    return attrs.evolve(oracle, mu=mean, C=covariance)


@pytest.mark.parametrize("threshold", [0.5, 1.0])
def test_the_posterior_of_a_gaussian_is_exact(threshold: float):
    """Moments within five standard errors, and the evidence unbiased, for the law of the chain with as few steps."""
    samples, steps = 250, 8
    oracle = prior_of_the_chain(G2, steps)
    prior = Gaussian(mean=G2.mu.reshape(1, 4, 1, 1), covariance=G2.C)
    sampler = TwistedSMC(particles=32, steps=steps, threshold=threshold)
    solution = solve(average_problem(prior, G2), sampler, seed=0, samples=samples, throw=False)
    drawn = solution.video.reshape(samples, 4).numpy()
    mean, covariance = oracle.posterior
    variances = np.diag(covariance)
    np.testing.assert_array_less(np.abs(drawn.mean(axis=0) - mean), 5 * np.sqrt(variances / samples))
    spread = np.sqrt((np.outer(variances, variances) + covariance**2) / samples)
    np.testing.assert_array_less(np.abs(np.cov(drawn.T) - covariance), 5 * spread)
    # The same bounds tell it from the posterior of the true prior, which has more variance.
    assert (np.abs(np.cov(drawn.T) - G2.posterior[1]) > 5 * spread).any()

    together = (oracle.A @ oracle.C @ oracle.A.T + oracle.noise).item()
    misfit = (oracle.y - oracle.A @ oracle.mu).item()
    evidence = np.exp(-(misfit**2) / (2 * together)) * oracle.sigma / np.sqrt(together)
    found = solution.trace["log_evidence"][-1].exp().flatten().numpy()
    assert abs(found.mean() - evidence) < 5 * found.std() / np.sqrt(samples)
    assert found.std() < 0.5 * evidence


MODE = np.array([-1.0, -1 / 3, 1 / 3, 1.0])
APART = Oracle(np.zeros(4), 0.05 * np.eye(4), MEAN, 0.2, np.array([0.15]))


def two_motions() -> GaussianMixture:
    """A motion and its reversal, of which one is brighter: the observation prefers it."""
    means = np.stack([MODE + 0.5, -MODE - 0.5])
    return GaussianMixture([0.5, 0.5], means.reshape(2, 1, 4, 1, 1), np.stack([APART.C] * 2))


def brighter(video: torch.Tensor) -> NDArray[np.bool_]:
    return video.reshape(-1, 4).numpy() @ MODE > 0


def test_resampling_gives_modes_their_weight():
    """The reference: unguided runs, weighted by the likelihood. Guidance alone leaves too many in the wrong mode."""
    problem, steps, samples = average_problem(two_motions(), APART), 15, 120
    unguided = solve(problem, Diffusion(DDPMKernel(), NoGuidance(), steps), seed=1, samples=1000, throw=False).video
    likelihood = np.exp(-((unguided.mean(dim=3).flatten().numpy() - APART.y) ** 2) / (2 * APART.sigma**2))
    expected = float((likelihood * brighter(unguided)).sum() / likelihood.sum())
    found = {
        particles: float(
            brighter(solve(problem, TwistedSMC(particles, steps), seed=0, samples=samples, throw=False).video).mean()
        )
        for particles in (1, 8)
    }
    error = 4 * np.sqrt(expected * (1 - expected) / samples)
    assert abs(found[8] - expected) < error
    assert abs(found[1] - expected) > error, found


def test_resampling_keeps_the_population_alive():
    """A twist that is far too sharp: with resampling more particles count in the end, and the evidence varies less."""
    problem = average_problem(pixel_prior(G1), attrs.evolve(G1, sigma=0.3))
    effective, spread = [], []
    for threshold in (0.0, 0.5):
        sampler = TwistedSMC(particles=16, steps=20, threshold=threshold, prior_variance=None)
        trace = solve(problem, sampler, seed=0, samples=60, throw=False).trace
        effective.append(float(trace["effective_size"][-1].mean()))
        spread.append(float(trace["log_evidence"][-1].std()))
    assert effective[1] > 1.3 * effective[0]
    assert spread[1] < 0.8 * spread[0]


def test_fewer_particles_at_once_give_the_same():
    problem = average_problem(pixel_prior(G1), G1, count=2)
    whole, parts = (
        solve(problem, TwistedSMC(particles=4, steps=4, particles_at_once=size), seed=0, samples=2, throw=False).latent
        for size in (None, 3)
    )
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_other_noise_wants_the_plain_likelihood():
    problem = attrs.evolve(average_problem(pixel_prior(G1), G1), noise=PoissonNoise(gain=0.05))
    with pytest.raises(CapabilityError, match="Gaussian noise"):
        solve(problem, TwistedSMC(particles=2, steps=3), seed=0)
    found = solve(problem, TwistedSMC(particles=2, steps=3, prior_variance=None), seed=0, throw=False)
    assert torch.isfinite(found.latent).all()
