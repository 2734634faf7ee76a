import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, NoiseLevel, SeededRandomness, VideoSpace
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian, GaussianMixture
from tests.priors.dense import Law, flat, jacobian, matrix_of

SHAPE = (1, 3, 1, 2)
LEVELS = (NoiseLevel(0.99, 0.141, 0.0), NoiseLevel(0.6, 0.8, 0.0), NoiseLevel(1.0, 2.0, 0.0), NoiseLevel(0.0, 1.0, 0.0))
AVERAGE = TemporalAverage(frames=3)


def reversals() -> GaussianMixture:
    """A motion and its reversal, which an average over time cannot tell apart."""
    forward = np.array([-1, -1 / 3, 1 / 3, 1]).reshape(1, 4, 1, 1)
    return GaussianMixture([0.5, 0.5], np.stack([forward, -forward]), np.stack([0.05 * np.eye(4)] * 2))


def three() -> tuple[GaussianMixture, list[float], list[Law]]:
    generator = np.random.default_rng(1)
    weights = [0.5, 0.2, 0.3]
    laws = []
    for _ in weights:
        factor = generator.standard_normal((6, 6))
        laws.append(Law(1.5 * generator.standard_normal(6), factor @ factor.T / 20 + 0.02 * np.eye(6)))
    means = np.stack([law.mean.reshape(SHAPE) for law in laws])
    return GaussianMixture(weights, means, np.stack([law.covariance for law in laws])), weights, laws


def latents(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def proportions(weights: list[float], logs: list[float]) -> np.ndarray:
    scaled = np.array(weights) * np.exp(np.array(logs) - max(logs))
    return scaled / scaled.sum()


def test_time_reversal_with_known_numbers():
    level = NoiseLevel(0.3**0.5, 0.7**0.5, 0.0)
    z = torch.tensor([-0.4, 0.1, 0.2, 0.6], dtype=torch.float64).reshape(1, 1, 4, 1, 1)
    prediction = reversals().predict(z, level)
    np.testing.assert_allclose(prediction.conditional.responsibilities[0], [0.82965169, 0.17034831], atol=5e-9)
    np.testing.assert_allclose(flat(prediction.z0), [-0.66079276, -0.21132706, 0.22281774, 0.66845322], atol=5e-9)


def test_posterior_of_an_average_has_both_directions():
    y = torch.full((1, 1, 1, 1, 1), 0.2, dtype=torch.float64)
    posterior = reversals().conditional(None, None, TemporalAverage(frames=4), y, 0.05)
    np.testing.assert_allclose(posterior.responsibilities[0], [0.5, 0.5], atol=1e-12)
    one, other = (flat(component.mean) for component in posterior.components)
    np.testing.assert_allclose(one, [-0.83333333, -0.16666667, 0.5, 1.16666667], atol=5e-9)
    np.testing.assert_allclose(other, one[::-1], atol=1e-12)
    for component in posterior.components:
        np.testing.assert_allclose(component.covariance.diag(), np.full(4, 0.03958333), atol=5e-9)
    np.testing.assert_allclose(flat(posterior.mean), np.full(4, 1 / 6), atol=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_denoiser_is_the_dense_formula(level: NoiseLevel):
    prior, weights, laws = three()
    z = latents(3)
    prediction = prior.predict(z, level)
    for i in range(3):
        x = flat(z[i])
        logs = [Law(level.a * law.mean, law.noisy(level)).log_density(x) for law in laws]
        expected = proportions(weights, logs)
        np.testing.assert_allclose(prediction.conditional.responsibilities[i], expected, atol=1e-12)
        means = np.stack([law.given_latent(x, level).mean for law in laws])
        np.testing.assert_allclose(flat(prediction.z0[i]), expected @ means, atol=1e-12)
    torch.testing.assert_close(level.a * prediction.z0 + level.s * prediction.eps, z, rtol=0, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS[:3])
def test_jacobian_is_the_covariance(level: NoiseLevel):
    """Second-order Tweedie holds for any law: `J = (a / s^2) Cov[z0 | z]`."""
    prior, _, laws = three()
    z = latents(1)
    prediction = prior.predict(z, level)
    pi = prediction.conditional.responsibilities[0].numpy()
    parts = [law.given_latent(flat(z), level) for law in laws]
    second = sum(p * (part.covariance + np.outer(part.mean, part.mean)) for p, part in zip(pi, parts, strict=True))
    covariance = second - np.outer(flat(prediction.z0), flat(prediction.z0))
    found = jacobian(prior, z, level)
    np.testing.assert_allclose(found, level.a / level.s**2 * covariance, rtol=0, atol=1e-12 * level.sbar**-2)
    step = 1e-5
    for i in range(6):
        nudge = torch.zeros(6, dtype=torch.float64)
        nudge[i] = step
        ahead, behind = (prior.predict(z + sign * nudge.reshape(z.shape), level).z0 for sign in (1, -1))
        np.testing.assert_allclose(flat(ahead - behind) / (2 * step), found[:, i], atol=1e-8)


@pytest.mark.parametrize("level", [None, *LEVELS])
def test_conditional_is_the_dense_formula(level: NoiseLevel | None):
    prior, weights, laws = three()
    std = 0.3
    matrix = matrix_of(AVERAGE, SHAPE)
    y, z = AVERAGE.forward(latents(2, 3)), latents(2)
    found = prior.conditional(None if level is None else z, level, AVERAGE, y, std)
    for i in range(2):
        logs, posteriors = [], []
        for law in laws:
            start, log = law, 0.0
            if level is not None:
                start = law.given_latent(flat(z[i]), level)
                log = Law(level.a * law.mean, law.noisy(level)).log_density(flat(z[i]))
            observed = Law(matrix @ start.mean, matrix @ start.covariance @ matrix.T + std**2 * np.eye(len(matrix)))
            logs.append(log + observed.log_density(flat(y[i])))
            posteriors.append(start.given_observation(matrix, flat(y[i]), std))
        expected = proportions(weights, logs)
        np.testing.assert_allclose(found.responsibilities[i], expected, atol=1e-11)
        np.testing.assert_allclose(
            flat(found.mean[i]), sum(p * law.mean for p, law in zip(expected, posteriors, strict=True)), atol=1e-11
        )
        for component, law in zip(found.components, posteriors, strict=True):
            np.testing.assert_allclose(component.covariance, law.covariance, atol=1e-12)


def test_one_component_is_a_gaussian():
    prior, _, laws = three()
    mean, covariance = laws[0].mean.reshape(SHAPE), laws[0].covariance
    single, alone = GaussianMixture([1.0], mean[None], covariance[None]), Gaussian(mean, covariance)
    z, y = latents(2), AVERAGE.forward(latents(2, 3))
    torch.testing.assert_close(single.predict(z, LEVELS[1]).z0, alone.predict(z, LEVELS[1]).z0, rtol=0, atol=1e-14)
    rng = SeededRandomness(0, ((0, 0), (0, 1)))
    single.conditional(z, LEVELS[1], AVERAGE, y, 0.1).sample(rng)
    assert prior != single


def test_samples_choose_components_by_their_weight():
    y = torch.full((1, 1, 1, 1, 1), 0.2, dtype=torch.float64).expand(4000, -1, -1, -1, -1)
    posterior = reversals().conditional(None, None, TemporalAverage(frames=4), y, 0.05)
    rng = SeededRandomness(0, tuple((0, i) for i in range(4000)))
    drawn = posterior.sample(rng).flatten(1)
    forward = drawn[:, 3] > drawn[:, 0]
    assert abs(float(forward.double().mean()) - 0.5) < 5 * 0.5 / 4000**0.5
    spread = drawn[forward] - posterior.components[0].mean[0].flatten()
    covariance = spread.T @ spread / len(spread)
    torch.testing.assert_close(covariance, posterior.components[0].covariance, rtol=0, atol=5 * 0.06 / 2000**0.5)
    one = SeededRandomness(0, ((0, 7),))
    alone = reversals().conditional(None, None, TemporalAverage(frames=4), y[:1], 0.05).sample(one)
    torch.testing.assert_close(alone[0].flatten(), drawn[7], rtol=0, atol=1e-13)


def test_far_away_latents_stay_finite():
    prior, _, _ = three()
    prediction = prior.predict(1e4 * latents(2), LEVELS[1])
    assert torch.isfinite(prediction.z0).all()
    np.testing.assert_allclose(prediction.conditional.responsibilities.sum(1), [1.0, 1.0])


def test_single_precision_follows_double():
    prior, _, _ = three()
    z, y = latents(2), AVERAGE.forward(latents(2, 3))
    for level in LEVELS:
        torch.testing.assert_close(
            prior.predict(z.float(), level).z0.double(), prior.predict(z, level).z0, rtol=0, atol=3e-5
        )
    single = prior.conditional(z.float(), LEVELS[1], AVERAGE, y.float(), 0.1).mean
    assert single.dtype == torch.float32
    torch.testing.assert_close(
        single.double(), prior.conditional(z, LEVELS[1], AVERAGE, y, 0.1).mean, rtol=0, atol=3e-5
    )


def test_value_semantics_and_files(tmp_path: Path):
    prior, weights, laws = three()
    names = {"GaussianMixture": GaussianMixture, "DiscreteSchedule": DiscreteSchedule}
    assert eval(repr(prior), names) == prior == pickle.loads(pickle.dumps(prior))
    np.savez(
        tmp_path / "law.npz",
        means=np.stack([law.mean.reshape(SHAPE) for law in laws]),
        covariances=np.stack([law.covariance for law in laws]),
    )
    stored = GaussianMixture(weights, tmp_path / "law.npz", tmp_path / "law.npz")
    torch.testing.assert_close(stored.predict(latents(1), LEVELS[1]).z0, prior.predict(latents(1), LEVELS[1]).z0)


UNIT = [[[1.0]]]
ZERO = [[[[[0.0]]]]]


@pytest.mark.parametrize(
    ("weights", "means", "covariances", "message"),
    [
        ([0.0], ZERO, UNIT, "weights must be positive"),
        ([0.5, 0.5], ZERO, UNIT, "2 weights, 1 means and 1 covariances"),
        ([1.0], ZERO, [[[-1.0]]], "covariance 0 must be positive semi-definite"),
        ([0.5, 0.5], ZERO * 2, [[[1.0]], [[-1.0]]], "covariance 1 must be positive semi-definite"),
        ([1.0], ZERO[0], UNIT, "expected the five axes k c t h w"),
        ([1.0], ZERO, UNIT[0], "expected three axes"),
    ],
)
def test_refuses_numbers_that_make_no_law(weights: object, means: object, covariances: object, message: str):
    with pytest.raises(ComponentError, match=message):
        GaussianMixture(weights, means, covariances)


def test_refuses_what_does_not_fit():
    with pytest.raises(SpaceError, match=r"gaussian_mixture prior.*frames is 4, expected 8"):
        reversals().latent_shape(VideoSpace(frames=8, height=1, width=1, channels=1))
    with pytest.raises(CapabilityError, match="s = 0"):
        reversals().predict(torch.zeros(1, 1, 4, 1, 1, dtype=torch.float64), NoiseLevel(1.0, 0.0, 0.0))
