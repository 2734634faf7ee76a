import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, FlowSchedule, NoiseLevel, SeededRandomness, VideoSpace
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian
from tests.priors.dense import Law, flat, jacobian, matrix_of, probed_covariance

MU = np.array([0.5, -0.2, 0.1, 0.3])
G2 = np.diag([4.0, 0.04, 1.0, 0.25])
AVERAGE = TemporalAverage(frames=4)
HALF = NoiseLevel(0.5**0.5, 0.5**0.5, 0.0)
Y = torch.full((1, 1, 1, 1, 1), 0.7, dtype=torch.float64)
Z = torch.tensor([1.0, 0.0, -1.0, 0.5], dtype=torch.float64).reshape(1, 1, 4, 1, 1)
SHAPE = (2, 3, 1, 2)
LEVELS = (
    NoiseLevel(0.99, 0.141, 0.0),
    HALF,
    NoiseLevel(0.1, 0.995, 0.0),
    NoiseLevel(1.0, 5.0, 0.0),
    NoiseLevel(0.0, 1.0, 0.0),
)


def small() -> Gaussian:
    return Gaussian(MU.reshape(1, 4, 1, 1), G2)


def correlated(rank: int = 12) -> tuple[Gaussian, Law]:
    generator = np.random.default_rng(0)
    factor = generator.standard_normal((12, rank))
    law = Law(generator.standard_normal(12), factor @ factor.T / 4)
    return Gaussian(law.mean.reshape(SHAPE), law.covariance), law


def latents(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_reference_problem_with_known_numbers():
    prediction = small().predict(Z, HALF)
    np.testing.assert_allclose(flat(prediction.z0), [1.23137085, -0.19230769, -0.65710678, 0.38142136], atol=5e-9)
    np.testing.assert_allclose(flat(prediction.eps), [0.18284271, 0.19230769, -0.75710678, 0.32568542], atol=5e-9)
    slopes = jacobian(small(), Z, HALF)
    np.testing.assert_allclose(np.diag(slopes), [1.13137085, 0.05439283, 0.70710678, 0.28284271], atol=5e-9)
    law = prediction.conditional
    np.testing.assert_allclose(law.covariance.diag(), [0.8, 0.03846154, 0.5, 0.2], atol=5e-9)
    guided = small().conditional(Z, HALF, AVERAGE, Y, 0.1)
    np.testing.assert_allclose(flat(guided.mean), [2.19064945, -0.14618853, -0.05755765, 0.62124101], atol=5e-9)


def test_posterior_with_known_numbers():
    posterior = small().conditional(None, None, AVERAGE, Y, 0.1)
    np.testing.assert_allclose(flat(posterior.mean), [2.041284, -0.184587, 0.485321, 0.39633], atol=5e-7)
    np.testing.assert_allclose(posterior.covariance.diag(), [1.06422, 0.039706, 0.816514, 0.238532], atol=5e-7)
    g1 = 0.9 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    posterior = Gaussian(MU.reshape(1, 4, 1, 1), g1).conditional(None, None, AVERAGE, Y, 0.1)
    np.testing.assert_allclose(flat(posterior.mean), [1.006516, 0.331702, 0.631702, 0.806516], atol=5e-7)
    np.testing.assert_allclose(posterior.covariance[0], [0.17052, 0.029275, -0.060725, -0.10048], atol=5e-6)
    assert float(posterior.covariance.trace()) == pytest.approx(0.513, abs=5e-7)


@pytest.mark.parametrize("level", LEVELS[:4])
def test_posterior_score_is_prior_score_plus_guidance(level: NoiseLevel):
    prior, law = correlated()
    operator, std = TemporalAverage(frames=3), 0.2
    y = operator.forward(latents(1, 5))
    z = latents(1)
    prediction = prior.predict(z, level)
    score = -flat(prediction.eps) / level.s
    matrix = matrix_of(operator, SHAPE)
    gram = matrix @ law.given_latent(flat(z), level).covariance @ matrix.T + std**2 * np.eye(len(matrix))
    residual = flat(y) - matrix @ flat(prediction.z0)
    guidance = jacobian(prior, z, level).T @ matrix.T @ np.linalg.solve(gram, residual)
    exact = law.given_observation(matrix, flat(y), std).score(flat(z), level)
    np.testing.assert_allclose(score + guidance, exact, rtol=0, atol=1e-11 * np.abs(exact).max())
    moved = prior.conditional(z, level, operator, y, std).mean
    np.testing.assert_allclose(
        flat(prediction.with_score(torch.from_numpy(guidance).reshape(z.shape), level).z0), flat(moved), atol=1e-11
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rank", [12, 5])
def test_denoiser_is_the_dense_formula(level: NoiseLevel, rank: int):
    prior, law = correlated(rank)
    z = latents(3)
    prediction = prior.predict(z, level)
    for i in range(3):
        expected = law.given_latent(flat(z[i]), level)
        np.testing.assert_allclose(flat(prediction.z0[i]), expected.mean, atol=1e-12)
        np.testing.assert_allclose(prediction.conditional.covariance, expected.covariance, atol=1e-12)
    torch.testing.assert_close(level.a * prediction.z0 + level.s * prediction.eps, z, rtol=0, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS[:4])
def test_jacobian_is_the_covariance(level: NoiseLevel):
    """Second-order Tweedie, by autograd and by differences."""
    prior, law = correlated()
    z = latents(1)
    found = jacobian(prior, z, level)
    covariance = law.given_latent(flat(z), level).covariance
    np.testing.assert_allclose(found, level.a / level.s**2 * covariance, rtol=0, atol=1e-12 * level.sbar**-2)
    step = 1e-4
    for i in range(12):
        nudge = torch.zeros(12, dtype=torch.float64)
        nudge[i] = step
        ahead, behind = (prior.predict(z + sign * nudge.reshape(z.shape), level).z0 for sign in (1, -1))
        np.testing.assert_allclose(flat(ahead - behind) / (2 * step), found[:, i], atol=1e-10)


@pytest.mark.parametrize("std", [1e-3, 0.3])
@pytest.mark.parametrize("level", [None, *LEVELS])
@pytest.mark.parametrize("frames", [3, 1])
def test_conditional_is_the_dense_formula(level: NoiseLevel | None, std: float, frames: int):
    prior, law = correlated()
    operator = TemporalAverage(frames=frames)
    matrix = matrix_of(operator, SHAPE)
    y, z = operator.forward(latents(2, 7)), latents(2)
    found = prior.conditional(None if level is None else z, level, operator, y, std)
    for i in range(2):
        start = law if level is None else law.given_latent(flat(z[i]), level)
        expected = start.given_observation(matrix, flat(y[i]), std)
        np.testing.assert_allclose(flat(found.mean[i]), expected.mean, atol=1e-12 / std)
        np.testing.assert_allclose(found.covariance, expected.covariance, atol=1e-12 / std)


def test_samples_have_the_covariance_of_the_law():
    prior, _ = correlated()
    operator = TemporalAverage(frames=3)
    y = operator.forward(latents(1)).expand(13, -1, -1, -1, -1)
    law = prior.conditional(latents(1).expand(13, -1, -1, -1, -1), HALF, operator, y, 0.1)
    np.testing.assert_allclose(probed_covariance(law, (12,)), law.covariance, atol=1e-12)
    np.testing.assert_allclose(law.vectors * law.stds @ law.vectors.T, (law.vectors * law.stds @ law.vectors.T).T)


def test_sample_of_a_row_does_not_depend_on_its_batch():
    prior, _ = correlated()
    operator = TemporalAverage(frames=3)
    y = operator.forward(latents(3))
    rows = tuple((0, i) for i in range(3))
    together = prior.conditional(None, None, operator, y, 0.1).sample(SeededRandomness(0, rows))
    alone = prior.conditional(None, None, operator, y[1:2], 0.1).sample(SeededRandomness(0, rows[1:2]))
    torch.testing.assert_close(together[1:2], alone, rtol=0, atol=1e-13)


def test_single_precision_follows_double():
    prior, _ = correlated()
    operator = TemporalAverage(frames=3)
    z, y = latents(2), operator.forward(latents(2, 3))
    for level in LEVELS:
        single, double = prior.predict(z.float(), level), prior.predict(z, level)
        assert single.z0.dtype == torch.float32
        torch.testing.assert_close(single.z0.double(), double.z0, rtol=0, atol=3e-6)
    single = prior.conditional(z.float(), HALF, operator, y.float(), 0.1)
    assert single.mean.dtype == torch.float32
    torch.testing.assert_close(
        single.mean.double(), prior.conditional(z, HALF, operator, y, 0.1).mean, rtol=0, atol=1e-5
    )


def test_works_under_inference_mode_and_with_gradients_after_it():
    prior, _ = correlated()
    with torch.inference_mode():
        prior.predict(latents(1), HALF)
    z = latents(1).requires_grad_()
    prior.predict(z, HALF).z0.sum().backward()
    assert torch.isfinite(z.grad).all()


def test_arrays_may_come_in_any_form(tmp_path: Path):
    mean, covariance = MU.reshape(1, 4, 1, 1), G2
    np.save(tmp_path / "mean.npy", mean)
    np.savez(tmp_path / "both.npz", mean=mean, covariance=covariance)
    listed = Gaussian(mean.tolist(), covariance.tolist())
    assert listed == Gaussian(mean, covariance) == Gaussian(torch.from_numpy(mean), torch.from_numpy(covariance))
    assert hash(listed) == hash(Gaussian(mean, covariance))
    stored = Gaussian(tmp_path / "mean.npy", tmp_path / "both.npz")
    assert stored == Gaussian(str(tmp_path / "mean.npy"), tmp_path / "both.npz") != listed
    for prior in (stored, Gaussian(tmp_path / "both.npz", covariance)):
        torch.testing.assert_close(prior.predict(Z, HALF).z0, listed.predict(Z, HALF).z0, rtol=0, atol=0)


def test_repr_evaluates_back_and_pickle_keeps_the_value(tmp_path: Path):
    np.save(tmp_path / "covariance.npy", G2)
    for prior in (small(), Gaussian(MU.reshape(1, 4, 1, 1), tmp_path / "covariance.npy", FlowSchedule())):
        prior.predict(Z, HALF)
        names = {"Gaussian": Gaussian, "DiscreteSchedule": DiscreteSchedule, "FlowSchedule": FlowSchedule}
        assert eval(repr(prior), names) == prior
        again = pickle.loads(pickle.dumps(prior))
        assert again == prior
        torch.testing.assert_close(again.predict(Z, HALF).z0, prior.predict(Z, HALF).z0, rtol=0, atol=0)


MEAN = [[[[0.0]], [[0.0]]]]


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        (MEAN, [[1.0, 0.5], [0.4, 1.0]], r"symmetric, but entry \(0, 1\) is 0.5 and \(1, 0\) is 0.4"),
        (MEAN, [[1.0, 2.0], [2.0, 1.0]], r"positive semi-definite, but its smallest eigenvalue is -1 "),
        (MEAN, [[1.0]], r"covariance has shape \(1, 1\).*it must be \(2, 2\)"),
        (MEAN, [1.0, 2.0], r"shape \(2,\); expected two axes"),
        (MEAN, [[1.0, float("nan")], [0.0, 1.0]], r"1 NaN or infinite values, the first at \(0, 1\)"),
        ([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], r"shape \(2,\); expected the four axes c t h w"),
        ([[[[0.0], [0.0, 1.0]]]], [[1.0]], "rows of equal length"),
        ([[[["a"]]]], [[1.0]], "must hold numbers"),
    ],
)
def test_refuses_numbers_that_make_no_law(mean: object, covariance: object, message: str):
    with pytest.raises(ComponentError, match=message):
        Gaussian(mean, covariance)


def test_refuses_files_that_hold_no_array(tmp_path: Path):
    with pytest.raises(ReadError, match=r"covariance: there is no file .*nothing\.npy"):
        Gaussian(MEAN, tmp_path / "nothing.npy")
    (tmp_path / "text.npy").write_text("no numpy file")
    with pytest.raises(ReadError, match=r"covariance: .*text\.npy is not a readable \.npy file of numbers"):
        Gaussian(MEAN, tmp_path / "text.npy")
    np.savez(tmp_path / "two.npz", a=G2, b=G2)
    with pytest.raises(ReadError, match="holds several arrays and none is called 'covariance'"):
        Gaussian(MEAN, tmp_path / "two.npz")
    np.save(tmp_path / "objects.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(ReadError, match=r"objects\.npy"):
        Gaussian(MEAN, tmp_path / "objects.npy")


def test_refuses_what_does_not_fit():
    with pytest.raises(SpaceError, match=r"mean of the gaussian prior.*\(1, 4, 1, 1\).*\(1, 8, 1, 1\).*frames is 4"):
        small().latent_shape(VideoSpace(frames=8, height=1, width=1, channels=1))
    with pytest.raises(SpaceError, match="frames is 4, expected 3"):
        small().predict(Z[:, :, :3], HALF)
    with pytest.raises(SpaceError, match=r"maps a latent of c t h w = \(1, 4, 1, 1\) to 1 values.*has 2"):
        small().conditional(None, None, AVERAGE, torch.zeros(1, 1, 2, 1, 1), 0.1)
    with pytest.raises(CapabilityError, match="s = 0"):
        small().predict(Z, NoiseLevel(1.0, 0.0, 0.0))
    with pytest.raises(ComponentError, match="noise_std must be positive, got 0"):
        small().conditional(None, None, AVERAGE, Y, 0.0)
