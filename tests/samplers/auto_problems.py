"""Problems of many kinds for `auto`, the truth drawn from their own priors, and priors that hide what they know."""

from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve import (
    GaussianNoise,
    NoiseLevel,
    Operator,
    PoissonNoise,
    Prediction,
    Prior,
    Problem,
    SeededRandomness,
    Stack,
    VideoSpace,
)
from invsolve.noise import Noise
from invsolve.prior import TractablePrior
from invsolve.prior.wrapped import WrappedPrior
from invsolve_operators import CameraResponse, Convolution, Mask, SelectFrames, TemporalAverage
from invsolve_priors import GaussianMixture, SpectralGaussian

MIX = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(5), dtype=torch.float64))[0]
GAINS = torch.tensor([1.2, 0.9, 0.7, 0.5], dtype=torch.float64)


@final
@attrs.frozen
class Hidden(WrappedPrior):
    """A prior without its closed forms: all that a sampler gets is its denoiser, as of a network."""

    prior: TractablePrior

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        seen = self.prior.predict(z, level, condition)
        return Prediction(seen.z0, seen.eps)


@final
@attrs.frozen
class Patches(Prior):
    """A latent prior: four channels at half the size, which a linear map of unequal gains turns into 2 x 2 pixels.

    With `bend` the decoder is not linear.
    """

    prior: Prior
    bend: float = 0.0

    @property
    def schedule(self):
        return self.prior.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        return (4, space.frames, space.height // 2, space.width // 2)

    def encode(self, video: Tensor) -> Tensor:
        patches = torch.pixel_unshuffle((video - 0.5).transpose(1, 2), 2) / 0.25
        turned = torch.einsum("ji,btjhw->bithw", MIX.to(video), patches) / GAINS.to(video).reshape(1, 4, 1, 1, 1)
        return turned

    def decode(self, z: Tensor) -> Tensor:
        bent = z + self.bend * z.square().tanh()
        patches = torch.einsum("ij,bjthw->btihw", MIX.to(z) * GAINS.to(z), bent)
        return 0.5 + 0.25 * torch.pixel_shuffle(patches, 2).transpose(1, 2)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        return self.prior.predict(z, level, condition)


SMOOTH = SpectralGaussian(mean=0.5, std=0.15, cutoff=0.05)
ROUGH = SpectralGaussian(mean=0.0, std=1.0, cutoff=0.1, spatial_exponent=2.0, channel_correlation=0.0)


def mixture(frames: int = 4, size: int = 4) -> GaussianMixture:
    """A bright square that moves to the right, or to the left."""
    there = torch.arange(size)[None, None, None, :]
    time = torch.arange(frames)[None, :, None, None] * (size / frames)
    rows = torch.arange(size)[None, None, :, None] * 0
    right = 0.3 + 0.4 * ((there - time + rows).abs() < 1)
    flat = frames * size * size
    covariance = 0.01 * torch.exp(-(torch.arange(flat)[:, None] - torch.arange(flat)[None]).abs() / 2.0)
    return GaussianMixture(
        weights=[0.6, 0.4],
        means=torch.stack([right, right.flip(1)]).double().numpy(),
        covariances=torch.stack([covariance, covariance]).double().numpy(),
    )


def problem_of(
    operator: Operator, noise: Noise, prior: Prior, source: TractablePrior, shape: tuple[int, ...], count: int = 1
) -> Problem:
    """The observations of `count` videos that are draws of the prior, whose latents `source` draws; ``c t h w``."""
    channels, frames, height, width = shape
    space = VideoSpace(channels=channels, frames=frames, height=height, width=width)
    rng = SeededRandomness(3, tuple((row, 0) for row in range(count)), "scene")
    like = torch.zeros(count, *prior.latent_shape(space), dtype=torch.float64)
    level = source.schedule.levels(1)[0]
    z = level.start_std * rng.normal(like)
    law = source.predict(z, attrs.evolve(level, a=1e-8, s=1.0)).conditional  # at no signal: the prior itself
    assert law is not None
    truth = prior.decode(law.sample(rng.at(1)))
    observation = noise.sample(operator.forward(truth), rng.at(2))
    return Problem(operator=operator, observation=observation, prior=prior, noise=noise, space=space)


def problems(size: int = 24) -> dict[str, Problem]:
    """One problem of each kind."""
    gaussian, video = GaussianNoise(std=0.02), (1, 4, size, size)
    average, blur = TemporalAverage(frames=4), Convolution(kernel="gaussian", size=5, std=1.0)
    stack = Stack(operators=(average, SelectFrames(indices=(0,), frames=4)), frames=(1, 1))
    hidden, patches = Hidden(SMOOTH), Patches(Hidden(ROUGH))
    still = (1, 1, size, size)
    many: dict[str, Any] = {"shape": (1, 4, 4, 4), "count": 48}
    return {
        "closed form": problem_of(average, gaussian, SMOOTH, SMOOTH, video),
        "temporal average": problem_of(average, gaussian, hidden, SMOOTH, video),
        "convolution": problem_of(blur, gaussian, hidden, SMOOTH, still),
        "mask": problem_of(Mask(keep=0.5, seed=1), gaussian, hidden, SMOOTH, still),
        "stack": problem_of(stack, gaussian, hidden, SMOOTH, video),
        "camera response": problem_of(CameraResponse(curve="srgb"), gaussian, hidden, SMOOTH, still),
        "Poisson noise": problem_of(average, PoissonNoise(gain=0.002), hidden, SMOOTH, video),
        "latent linear decoder": problem_of(average, gaussian, patches, ROUGH, video),
        "latent, camera response": problem_of(CameraResponse(curve="srgb"), gaussian, patches, ROUGH, still),
        "latent, bent decoder": problem_of(average, gaussian, attrs.evolve(patches, bend=0.5), ROUGH, video),
        "latent, bent decoder, Poisson": problem_of(
            average, PoissonNoise(gain=0.002), attrs.evolve(patches, bend=0.5), ROUGH, video
        ),
        "mixture": problem_of(average, gaussian, mixture(), mixture(), **many),
        "mixture, hidden": problem_of(average, gaussian, Hidden(mixture()), mixture(), **many),
    }
