import pickle

import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, Identity, NoiseLevel, SeededRandomness, VideoSpace
from invsolve.errors import CapabilityError, ComponentError
from invsolve_priors import SpectralGaussian
from tests.priors.dense import Law, flat, jacobian, probed_covariance

LEVELS = (NoiseLevel(0.99, 0.141, 0.0), NoiseLevel(0.6, 0.8, 0.0), NoiseLevel(1.0, 5.0, 0.0), NoiseLevel(0.0, 1.0, 0.0))
SHAPES = ((3, 1, 4, 5), (1, 3, 3, 2), (2, 4, 2, 3), (3, 1, 1, 1), (1, 2, 1, 6))
PRIOR = SpectralGaussian(cutoff=0.1, channel_correlation=0.6, spatial_exponent=2.0, speed=0.3)


def law_of(prior: SpectralGaussian, shape: tuple[int, int, int, int]) -> Law:
    """The covariance by its definition: a sum of cosines over all frequencies, times that of the channels."""
    c, t, h, w = shape
    ft, fy, fx = np.meshgrid(np.fft.fftfreq(t), np.fft.fftfreq(h), np.fft.fftfreq(w), indexing="ij")
    f = np.sqrt(fy**2 + fx**2 + prior.cutoff**2)
    spatial = f**-prior.spatial_exponent
    temporal = (1 + (ft / (prior.speed * f)) ** 2) ** (-prior.temporal_exponent / 2)
    power = spatial / spatial.mean() * temporal / temporal.mean(0, keepdims=True)
    grid = np.stack(np.meshgrid(np.arange(t), np.arange(h), np.arange(w), indexing="ij"), -1).reshape(-1, 3)
    waves = np.exp(2j * np.pi * grid @ np.stack([ft, fy, fx], -1).reshape(-1, 3).T)
    stationary = ((waves * power.reshape(-1)) @ waves.conj().T).real / (t * h * w)
    channels = (1 - prior.channel_correlation) * np.eye(c) + prior.channel_correlation
    return Law(np.zeros(c * t * h * w), np.kron(channels, stationary))


def latents(shape: tuple[int, ...], count: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", LEVELS)
def test_denoiser_is_that_of_the_dense_law(shape: tuple[int, int, int, int], level: NoiseLevel):
    law, z = law_of(PRIOR, shape), latents(shape)
    np.testing.assert_allclose(np.diag(law.covariance), 1.0, atol=1e-12)
    prediction = PRIOR.predict(z, level)
    for i in range(2):
        np.testing.assert_allclose(flat(prediction.z0[i]), law.given_latent(flat(z[i]), level).mean, atol=1e-11)
    torch.testing.assert_close(level.a * prediction.z0 + level.s * prediction.eps, z, rtol=0, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS[:3])
def test_jacobian_is_the_covariance(level: NoiseLevel):
    shape = SHAPES[2]
    z = latents(shape, 1)
    covariance = law_of(PRIOR, shape).given_latent(flat(z), level).covariance
    found = jacobian(PRIOR, z, level)
    np.testing.assert_allclose(found, level.a / level.s**2 * covariance, rtol=0, atol=1e-11 * max(1, level.sbar**-2))


def test_predicted_law_has_the_dense_covariance():
    shape = SHAPES[1]
    size = 18
    z = latents(shape, 1).expand(size + 1, -1, -1, -1, -1)
    law = law_of(PRIOR, shape).given_latent(flat(z[0]), LEVELS[1])
    found = probed_covariance(PRIOR.predict(z, LEVELS[1]).conditional, (size,))
    np.testing.assert_allclose(found, law.covariance, atol=1e-12)


def test_a_frame_of_a_video_has_the_law_of_a_picture():
    clip, picture = law_of(PRIOR, (2, 4, 3, 5)), law_of(PRIOR, (2, 1, 3, 5))
    first = np.arange(2 * 4 * 15).reshape(2, 4, 15)[:, 0].reshape(-1)
    np.testing.assert_allclose(clip.covariance[np.ix_(first, first)], picture.covariance, atol=1e-12)


def test_spectrum_of_samples_falls_with_the_exponent():
    prior = SpectralGaussian(spatial_exponent=2.4, cutoff=0.001, mean=0.5, std=0.2)
    z = torch.zeros(32, 1, 1, 128, 128, dtype=torch.float64)
    level = NoiseLevel(1e-9, 1.0, 0.0)  # a latent that says nothing: draws of the prior itself
    rng = SeededRandomness(0, tuple((0, i) for i in range(32)))
    drawn = prior.predict(z, level).conditional.sample(rng)
    power = torch.fft.fft2(drawn).abs().square().mean((0, 1, 2)).numpy()
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128), indexing="ij"))
    flattened = power * np.maximum(f, 1e-9) ** 2.4
    bands = [flattened[(f >= low) & (f < 2 * low)] for low in (0.02, 0.04, 0.08, 0.16, 0.25)]
    slope = np.polyfit(np.arange(5), [np.log(band.mean()) for band in bands], 1)[0]
    assert slope == pytest.approx(0.0, abs=0.02)
    video = prior.decode(drawn)
    torch.testing.assert_close(prior.encode(video), drawn, rtol=0, atol=1e-12)


def test_faster_scenes_keep_less_from_frame_to_frame():
    kept = []
    for speed in (0.1, 1.0):
        covariance = law_of(SpectralGaussian(speed=speed), (1, 8, 6, 6)).covariance.reshape(8, 36, 8, 36)
        kept.append(covariance[0, 0, 1, 0])
    assert kept[0] > kept[1] > 0


@pytest.mark.parametrize("shape", [(3, 1, 31, 17), (1, 5, 8, 9), (4, 2, 7, 1)])
def test_any_size_and_precision(shape: tuple[int, int, int, int]):
    prior = SpectralGaussian()
    c, t, h, w = shape
    assert prior.latent_shape(VideoSpace(frames=t, height=h, width=w, channels=c)) == shape
    z = latents(shape)
    for level in LEVELS:
        double, single = prior.predict(z, level), prior.predict(z.float(), level)
        assert single.z0.dtype == single.eps.dtype == torch.float32
        torch.testing.assert_close(single.z0.double(), double.z0, rtol=0, atol=2e-5)
        torch.testing.assert_close(single.eps.double(), double.eps, rtol=0, atol=2e-5)
        alone = prior.predict(z[1:], level)
        torch.testing.assert_close(alone.z0, double.z0[1:], rtol=0, atol=1e-12)


def test_gradients_flow_and_caches_survive_inference_mode():
    prior = SpectralGaussian()
    with torch.inference_mode():
        prior.predict(latents((1, 1, 4, 4)), LEVELS[1])
    z = latents((1, 1, 4, 4)).requires_grad_()
    prior.predict(z, LEVELS[1]).z0.square().sum().backward()
    assert torch.isfinite(z.grad).all()


def test_value_semantics():
    prior = SpectralGaussian(std=0.3)
    prior.predict(latents((1, 1, 4, 4)), LEVELS[1])
    names = {"SpectralGaussian": SpectralGaussian, "DiscreteSchedule": DiscreteSchedule}
    assert eval(repr(prior), names) == prior == pickle.loads(pickle.dumps(prior)) != SpectralGaussian()
    assert hash(prior) == hash(SpectralGaussian(std=0.3))


@pytest.mark.parametrize(
    "fields",
    [
        {"std": 0.0},
        {"cutoff": 0.0},
        {"speed": -1.0},
        {"spatial_exponent": -1.0},
        {"channel_correlation": 1.0},
        {"mean": float("nan")},
        {"std": float("inf")},
    ],
)
def test_refuses_fields_out_of_range(fields: dict[str, float]):
    with pytest.raises(ComponentError, match=next(iter(fields))):
        SpectralGaussian(**fields)


def test_refuses_clean_latents_and_missing_noise():
    prior, z = SpectralGaussian(), latents((1, 1, 4, 4))
    with pytest.raises(CapabilityError, match="s = 0"):
        prior.predict(z, NoiseLevel(1.0, 0.0, 0.0))
    with pytest.raises(ComponentError, match="noise_std must be positive"):
        prior.conditional(None, None, Identity(), z, 0.0)
