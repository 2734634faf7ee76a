"""Parts of invsolve inside deepinv's own algorithms."""

from typing import final

import attrs
import deepinv
import pytest
import torch
from torch.utils.data import TensorDataset

from invsolve import EDMSchedule, GaussianNoise, Identity, Prediction, Prior, Schedule, VideoSpace
from invsolve.errors import CapabilityError
from invsolve_deepinv import (
    DeepinvDenoiser,
    as_denoiser,
    as_physics,
    as_reconstructor,
    noise_of,
    operator_of,
    problem_of,
)
from invsolve_operators import CameraResponse, Convolution, Downsample, TemporalAverage
from invsolve_priors import SpectralGaussian
from invsolve_samplers import DDIM

STILL = VideoSpace(frames=1, height=8, width=8, channels=1)
CLIP = VideoSpace(frames=3, height=4, width=6)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize(
    ("operator", "space", "size"),
    [
        (Convolution(kernel="gaussian", std=1.0), STILL, (1, 8, 8)),
        (Downsample(factor=2), STILL, (1, 8, 8)),
        (TemporalAverage(frames=3), CLIP, (3, 3, 4, 6)),
    ],
    ids=["blur", "downsampling", "average"],
)
def test_a_linear_operator_is_a_linear_physics(operator, space, size):
    physics = as_physics(operator, space, GaussianNoise(std=0.1))
    assert isinstance(physics, deepinv.physics.LinearPhysics)
    assert physics.img_size == size
    assert float(physics.adjointness_test(dtype=torch.float64)) < 1e-12
    x = torch.rand(2, *size)
    y = physics.A(x)
    assert (physics(x) - y).std() == pytest.approx(0.1, rel=0.3)
    assert torch.allclose(physics.A(physics.A_dagger(y)), y, atol=1e-4)
    z, gamma = torch.randn_like(x), torch.tensor([2.0, 5.0])
    u = physics.prox_l2(z, y, gamma)
    slope = gamma.view(-1, *[1] * len(size)) * physics.A_adjoint(physics.A(u) - y) + u - z
    assert slope.abs().max() < 1e-4
    assert torch.allclose(physics.prox_l2(None, y, 3.0), physics.prox_l2(torch.zeros_like(x), y, 3.0), atol=1e-6)
    assert operator_of(physics) is operator
    assert noise_of(physics).std == pytest.approx(0.1)
    assert problem_of(physics, y, SpectralGaussian()).space.shape == space.shape


def test_an_operator_that_is_not_linear_is_a_physics():
    physics = as_physics(CameraResponse(curve="gamma:2.2"), STILL)
    assert not isinstance(physics, deepinv.physics.LinearPhysics)
    x, v = 0.2 + 0.6 * torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8)
    wanted = v / 2.2 * x ** (1 / 2.2 - 1)
    assert torch.allclose(physics.A_vjp(x, v), wanted, rtol=1e-4)


def test_plug_and_play_of_deepinv_with_our_operator_and_prior():
    """For a Gaussian prior the fixed point of proximal gradient descent is known: a linear system."""
    prior, sigma, step = SpectralGaussian(mean=0.4, std=0.2), 0.3, 0.5
    operator = Convolution(kernel="gaussian", std=0.8)
    physics, denoiser = as_physics(operator, STILL), as_denoiser(prior, STILL)
    y = physics.A(0.4 + 0.2 * torch.randn(1, 1, 8, 8, dtype=torch.float64))
    model = deepinv.optim.PGD(
        prior=deepinv.optim.PnP(denoiser=denoiser),
        data_fidelity=deepinv.optim.L2(),
        stepsize=step,
        sigma_denoiser=sigma,
        max_iter=60,
        early_stop=False,
    )
    with torch.no_grad():
        x = model(y, physics)
    moved = denoiser(x - step * physics.A_adjoint(physics.A(x) - y), sigma)
    assert torch.allclose(x, moved, atol=1e-7)
    assert not torch.allclose(x, y, atol=1e-2)


def diffpir(denoiser):
    return deepinv.sampling.DiffPIR(denoiser, deepinv.optim.L2(), sigma=0.02, max_iter=20)


def half_quadratic_splitting(denoiser):
    prior, fidelity = deepinv.optim.PnP(denoiser), deepinv.optim.L2()
    return deepinv.optim.HQS(prior=prior, data_fidelity=fidelity, stepsize=10.0, sigma_denoiser=0.03, max_iter=10)


@pytest.mark.parametrize("algorithm", [diffpir, half_quadratic_splitting])
def test_algorithms_of_deepinv_restore_with_our_operator_and_prior(algorithm):
    space = VideoSpace(frames=1, height=16, width=16)
    physics = as_physics(Convolution(kernel="gaussian", std=1.0), space, GaussianNoise(std=0.02))
    waves = torch.linspace(0, 6, 16)
    truth = (0.4 + 0.2 * waves.sin()[:, None] * waves.cos()).expand(1, 3, 16, 16).contiguous()
    y = physics(truth)
    with torch.no_grad():
        restored = algorithm(as_denoiser(SpectralGaussian(), space))(y, physics)
    assert torch.dist(restored, truth) < 0.96 * torch.dist(y, truth)


@pytest.mark.filterwarnings("ignore:non_blocking_transfers", "ignore:The tuple format")  # deepinv's
def test_a_sampler_is_a_reconstructor_in_deepinvs_own_test():
    physics = as_physics(Convolution(kernel="gaussian", std=1.0), STILL, GaussianNoise(std=0.02))
    model = as_reconstructor(SpectralGaussian(), DDIM(steps=8), seed=1)
    x = 0.4 + 0.2 * torch.randn(2, 1, 8, 8)
    y = physics(x)
    pair = torch.utils.data.DataLoader(TensorDataset(x, y), batch_size=2)
    found = deepinv.test(
        model,
        pair,
        physics,
        metrics=deepinv.metric.MSE(),
        compare_no_learning=False,
        verbose=False,
        show_progress_bar=False,
    )
    mean = model(y, physics)
    assert mean.shape == x.shape
    assert found["MSE"] == pytest.approx(float((mean - x).square().mean()), rel=1e-4)
    assert torch.equal(mean, model(y, physics))  # its own seed, whatever deepinv drew


def test_a_reconstructor_takes_deepinvs_physics_and_videos():
    model = as_reconstructor(SpectralGaussian(), DDIM(steps=4), samples=2)
    theirs = deepinv.physics.Blur(
        torch.ones(1, 1, 2, 2) / 4, padding="circular", noise_model=deepinv.physics.GaussianNoise(0.1)
    )
    assert model(theirs(torch.rand(2, 3, 6, 6)), theirs).shape == (2, 3, 6, 6)
    average = as_physics(TemporalAverage(frames=3), CLIP, GaussianNoise(std=0.1))
    assert model(average(torch.rand(1, 3, 3, 4, 6)), average).shape == (1, 3, 3, 4, 6)


@final
@attrs.frozen
class Cubic(Prior):
    """A prior of what lies behind a decoder that bends."""

    schedule: Schedule = attrs.field(factory=EDMSchedule)

    def latent_shape(self, space):
        return space.shape

    def encode(self, video):
        return video.sign() * video.abs() ** (1 / 3)

    def decode(self, z):
        return z**3

    def predict(self, z, level, condition=None):
        return Prediction.from_clean(z, z / (1 + level.s**2), level)


def test_a_latent_prior_is_no_denoiser_of_pictures():
    with pytest.raises(CapabilityError, match="has a decoder that does more than scale and shift"):
        as_denoiser(Cubic(), STILL)


def test_a_level_beyond_a_network_is_refused():
    denoiser = as_denoiser(DeepinvDenoiser("MedianFilter"), STILL)
    assert denoiser(torch.rand(1, 1, 8, 8), 39.9).shape == (1, 1, 8, 8)
    with pytest.raises(CapabilityError, match="knows noise up to 80 times the signal"):
        denoiser(torch.rand(1, 1, 8, 8), 41.0)


def test_nothing_to_denoise():
    x = torch.rand(1, 1, 8, 8)
    assert torch.equal(as_denoiser(SpectralGaussian(), STILL)(x, 0.0), x)
    assert torch.equal(as_physics(Identity(), STILL).A(x), x)
