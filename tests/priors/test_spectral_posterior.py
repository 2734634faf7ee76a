"""The conditional law of `spectral_gaussian` is exact for any linear operator, directly or by iteration."""

import attrs
import numpy as np
import pytest
import torch

from invsolve import Identity, LinearOperator, LinearPipeline, NoiseLevel, Scaled, SeededRandomness
from invsolve.errors import SpaceError
from invsolve_operators import (
    Convolution,
    Downsample,
    DownsampledAverage,
    Mask,
    Mosaic,
    RollingShutter,
    TemporalAverage,
)
from invsolve_priors import SpectralGaussian
from invsolve_priors.spectral.observation_gain import IterativeGain, StationaryGain
from invsolve_priors.spectral.stationary_operator import StationaryOperator
from tests.priors.dense import Law, flat, matrix_of, probed_covariance
from tests.priors.test_spectral_gaussian import law_of

PRIOR = SpectralGaussian(mean=0.3, std=0.2, cutoff=0.1, channel_correlation=0.6, spatial_exponent=2.0)
LEVEL = NoiseLevel(0.6, 0.8, 0.0)
NOISE = 0.05
SKEW = ((1.0, 2.0, 0.0), (0.0, 3.0, 1.0), (0.0, 0.0, 1.0))
EVEN = ((1.0, 2.0, 3.0, 4.0), (2.0, 3.0, 4.0, 5.0))
BLUR = Convolution(values=SKEW)
PER_FRAME = Convolution(values=(SKEW, ((0.0, 1.0, 0.0),) * 3, ((1.0, 1.0, 0.0),) * 3))

# operator, shape of the latent, output frames that need a response of their own, input pixels for one output pixel
STATIONARY = (
    (Identity(), (2, 2, 3, 2), 1, (1, 1, 1)),
    (Scaled(factor=-0.5), (1, 1, 1, 1), 1, (1, 1, 1)),
    (BLUR, (3, 2, 4, 5), 1, (1, 1, 1)),
    (BLUR, (1, 1, 5, 7), 1, (1, 1, 1)),
    (TemporalAverage(frames=4), (2, 4, 3, 3), 1, (4, 1, 1)),
    (TemporalAverage(frames=2), (1, 4, 3, 4), 1, (2, 1, 1)),
    (TemporalAverage(frames=3, stride=2), (1, 7, 3, 4), 3, (7, 1, 1)),
    (PER_FRAME, (1, 3, 4, 5), 3, (3, 1, 1)),
    (Downsample(factor=2), (2, 1, 4, 6), 1, (1, 2, 2)),
    (DownsampledAverage(frames=3, block=2), (2, 3, 4, 4), 1, (3, 2, 2)),
    (LinearPipeline((BLUR, TemporalAverage(frames=3))), (3, 3, 5, 4), 1, (3, 1, 1)),
    (LinearPipeline((PER_FRAME, TemporalAverage(frames=2, stride=1))), (2, 3, 4, 3), 2, (3, 1, 1)),
    (LinearPipeline((TemporalAverage(frames=2, stride=1), Downsample(factor=2))), (1, 3, 4, 6), 2, (3, 2, 2)),
)
OTHERS = (
    (Convolution(values=SKEW, border="zero"), (2, 2, 5, 4)),
    (Convolution(values=SKEW, border="reflect"), (1, 1, 5, 6)),
    (Convolution(values=EVEN, border="valid"), (1, 2, 5, 6)),
    (Mask(keep=0.5, seed=2, per_frame=True), (2, 2, 4, 4)),
    (Mosaic(), (3, 1, 4, 4)),
    (RollingShutter(readout_frames=1.0, exposure_frames=1.0), (1, 4, 4, 3)),
    (LinearPipeline((TemporalAverage(frames=2), Mask(hide=(1, 1, 2, 2)))), (2, 4, 4, 5)),
)
ALL = (*((operator, shape) for operator, shape, _, _ in STATIONARY), *OTHERS)


def latents(shape: tuple[int, ...], count: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def observe(operator: LinearOperator, shape: tuple[int, ...], count: int = 2) -> torch.Tensor:
    y = operator.forward(PRIOR.decode(latents(shape, count, 5)))
    return y + NOISE * torch.randn(y.shape, dtype=y.dtype, generator=torch.Generator().manual_seed(6))


def expected(operator: LinearOperator, shape: tuple[int, ...], z: torch.Tensor | None, y: torch.Tensor) -> Law:
    """Of one latent, by matrices: `y - A mean = (std A) z0 + noise`."""
    law = law_of(PRIOR, shape)
    start = law if z is None else law.given_latent(flat(z), LEVEL)
    centred = y - operator.forward(torch.full((1, *shape), PRIOR.mean, dtype=torch.float64))
    return start.given_observation(PRIOR.std * matrix_of(operator, shape), flat(centred), NOISE)


@pytest.mark.parametrize(("operator", "shape", "blocks", "factors"), STATIONARY, ids=repr)
def test_operators_that_treat_all_places_alike_are_recognised(operator, shape, blocks, factors):
    y = observe(operator, shape)
    found = StationaryOperator.probe(operator, torch.Size(shape), y)
    assert (found.exact, found.blocks, found.factors) == (True, blocks, factors)
    x, v = latents(shape), torch.randn_like(y)
    torch.testing.assert_close(found.forward(x), operator.forward(x), rtol=0, atol=1e-12 * x.abs().max())
    torch.testing.assert_close(found.adjoint(v), operator.adjoint(v), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("operator", "shape"), OTHERS, ids=repr)
def test_operators_that_do_not_are_recognised(operator, shape):
    assert not StationaryOperator.probe(operator, torch.Size(shape), observe(operator, shape)).exact


@pytest.mark.parametrize("noisy", [True, False])
@pytest.mark.parametrize(("operator", "shape"), ALL, ids=repr)
def test_mean_is_that_of_the_dense_law(operator, shape, noisy):
    z, y = latents(shape), observe(operator, shape)
    found = PRIOR.conditional(z if noisy else None, LEVEL if noisy else None, operator, y, NOISE)
    for i in range(2):
        law = expected(operator, shape, z[i] if noisy else None, y[i : i + 1])
        np.testing.assert_allclose(flat(found.mean[i]), law.mean, atol=1e-10)


@pytest.mark.parametrize(("operator", "shape"), ALL, ids=repr)
def test_samples_have_the_covariance_of_the_dense_law(operator, shape):
    z, y = latents(shape, 1), observe(operator, shape, 1)
    sizes = (z.numel(), y.numel())
    rows = 1 + sum(sizes)
    found = PRIOR.conditional(z.expand(rows, -1, -1, -1, -1), LEVEL, operator, y.expand(rows, -1, -1, -1, -1), NOISE)
    np.testing.assert_allclose(probed_covariance(found, sizes), expected(operator, shape, z, y).covariance, atol=1e-10)


@pytest.mark.parametrize(("operator", "shape", "blocks", "factors"), STATIONARY, ids=repr)
def test_both_roads_lead_to_the_same_gain(operator, shape, blocks, factors):
    prior = SpectralGaussian()
    y, std = observe(operator, shape), 0.01
    pixels = prior._full(latents(shape)).map(lambda values: prior.std**2 * values)
    model = StationaryOperator.probe(operator, torch.Size(shape), y)
    direct = StationaryGain.of(model, pixels, std**2)
    residual = y - y.mean()
    wanted = direct.correct(residual)
    rough = StationaryOperator.near(operator, torch.Size(shape), y)
    for near in (direct, StationaryGain.of(rough, pixels, std**2), None):
        iterative = IterativeGain(operator, pixels.half(y), std**2, near, 1e-13)
        gap = float((iterative.correct(residual) - wanted).norm() / wanted.norm())
        assert gap < 1e-9


def test_items_of_a_batch_do_not_mix():
    for operator, shape in (ALL[2], OTHERS[0]):
        z, y = latents(shape, 3), observe(operator, shape, 3) * torch.tensor([1.0, 5.0, 0.1]).reshape(3, 1, 1, 1, 1)
        rows = tuple((0, i) for i in range(3))
        together = PRIOR.conditional(z, LEVEL, operator, y, NOISE)
        alone = PRIOR.conditional(z[1:2], LEVEL, operator, y[1:2], NOISE)
        torch.testing.assert_close(alone.mean, together.mean[1:2], rtol=0, atol=1e-11)
        drawn = together.sample(SeededRandomness(0, rows))[1:2]
        torch.testing.assert_close(alone.sample(SeededRandomness(0, rows[1:2])), drawn, rtol=0, atol=1e-11)


def test_single_precision_follows_double():
    for operator, shape in (ALL[2], ALL[10], OTHERS[0]):
        z, y = latents(shape), observe(operator, shape)
        single = PRIOR.conditional(z.float(), LEVEL, operator, y.float(), NOISE)
        double = PRIOR.conditional(z, LEVEL, operator, y, NOISE)
        assert single.mean.dtype == torch.float32
        torch.testing.assert_close(single.mean.double(), double.mean, rtol=0, atol=1e-4)
        assert single.sample(SeededRandomness(0, ((0, 0), (0, 1)))).dtype == torch.float32


def test_a_latent_that_does_not_fit_is_refused():
    with pytest.raises(SpaceError, match=r"the observation has shape.*height is 5, expected 4"):
        PRIOR.conditional(latents((1, 1, 4, 4)), LEVEL, BLUR, latents((1, 1, 5, 4)), NOISE)


def test_large_responses_leave_the_direct_road(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("invsolve_priors.spectral.stationary_operator.LARGEST", 10)
    prior = attrs.evolve(PRIOR)
    operator, shape = BLUR, (1, 1, 4, 5)
    z, y = latents(shape), observe(operator, shape)
    found = prior.conditional(z, LEVEL, operator, y, NOISE)
    np.testing.assert_allclose(flat(found.mean[0]), expected(operator, shape, z[0], y[:1]).mean, atol=1e-10)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_photograph_gets_sharper(seed: int):
    """A sample of the posterior gains 3 dB over a shaken photograph with noise of std 0.01; the mean gains more."""
    from skimage.data import coffee

    prior = SpectralGaussian()
    truth = torch.from_numpy(coffee()).permute(2, 0, 1)[None, :, None].float() / 255
    operator = Convolution(kernel="camera_shake", size=31, seed=seed)
    noise = SeededRandomness(seed, purpose="noise").normal(truth)
    y = operator.forward(truth) + 0.01 * noise

    def psnr(video: torch.Tensor) -> float:
        return -10 * float(torch.log10((video - truth).square().mean()))

    posterior = prior.conditional(None, None, operator, y, 0.01)
    assert psnr(prior.decode(posterior.sample(SeededRandomness(0)))) > psnr(y) + 4
    assert psnr(prior.decode(posterior.mean)) > psnr(y) + 6.5
