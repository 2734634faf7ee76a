"""Frames at stated times: the numbers the network is told, and the extra frame it is shown."""

from pathlib import Path
from typing import final

import attrs
import numpy as np
import pytest
import torch
from torch import Tensor

from invsolve import DiscreteSchedule, NoiseLevel, Prediction, Prior, Schedule, VideoSpace
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.testing import PriorChecks, Sizes
from invsolve_priors import CFG, ExposureConditioned, STDiT
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from tests.priors.tiny_models import write

LEVEL = NoiseLevel(a=0.6, s=0.8, time=500.0)


@final
@attrs.frozen(eq=False)
class Told(Prior):
    """Says what it was shown: z0 is the latent given, eps its frame number times the first number told."""

    schedule: Schedule = attrs.field(factory=DiscreteSchedule)
    heard: list[tuple[Tensor, Tensor]] = attrs.field(factory=list)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        return space.shape

    def encode(self, video: Tensor) -> Tensor:
        return video

    def decode(self, z: Tensor) -> Tensor:
        return z

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        self.heard.append((z, condition))
        frames = torch.arange(z.shape[2], dtype=z.dtype).reshape(-1, 1, 1)
        return Prediction(z, frames.expand(z.shape), variance_fraction=frames.expand(z.shape) / 10)


def gamma(p: float, scale: float = 1.0) -> list[float]:
    waves = [10000.0 ** (-k / 12) * scale for k in range(12)]
    return [np.sin(p * w) for w in waves] + [np.cos(p * w) for w in waves]


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_a_frame_is_told_its_interval():
    numbers = ExposureConditioned(Told(), [[-0.5, 0.0], [0.25, 0.5]], frequency_scale=3.0).numbers(3)
    assert numbers.shape == (4, 48)
    for row, ends in zip(numbers, [(-0.5, 0.5), (-1.0, -0.5), (-0.25, 0.0), (-0.25, 0.0)], strict=True):
        np.testing.assert_allclose(row, gamma(ends[0], 3.0) + gamma(ends[1], 3.0), rtol=1e-12, atol=1e-15)


def test_the_exposure_is_tiled_by_default():
    numbers = ExposureConditioned(Told()).numbers(4)
    for i in range(4):
        np.testing.assert_allclose(
            numbers[1 + i], gamma(i / 4 - 0.5) + gamma((i + 1) / 4 - 0.5), rtol=1e-12, atol=1e-15
        )


def test_frames_merged_by_a_causal_encoder():
    """16 intervals fill 5 latent frames of 4: the first is padded in front, the last repeated."""
    intervals = [[i / 16, (i + 1) / 16] for i in range(16)]
    numbers = ExposureConditioned(Told(), intervals, frames_per_latent=4).numbers(5)
    assert numbers.shape == (6, 192)
    frames = [0, 0, 0, *range(16), 15]
    for latent in range(5):
        shown = [intervals[frame] for frame in frames[4 * latent : 4 * latent + 4]]
        expected = [number for ends in shown for p in ends for number in gamma(p - 0.5)]
        np.testing.assert_allclose(numbers[1 + latent], expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(numbers[0], 4 * (gamma(-0.5) + gamma(0.5)), rtol=1e-12)


def test_the_picture_is_the_first_frame_and_left_out():
    told = Told()
    z, picture = normal(2, 3, 4, 5, 6), normal(2, 3, 1, 5, 6)
    found = ExposureConditioned(told).predict(z, LEVEL, picture)
    (shown, numbers), *_ = told.heard
    assert torch.equal(shown, torch.cat([picture, z], dim=2))
    assert numbers.shape == (2, 5, 48)
    assert torch.equal(found.z0, z)
    assert torch.equal(found.eps[0, 0, :, 0, 0], torch.arange(1.0, 5.0).double())
    assert torch.equal(found.variance_fraction, found.eps / 10)


def test_without_the_condition_the_picture_is_black_and_the_times_stay():
    told = Told()
    CFG(ExposureConditioned(told), 2.0).predict(normal(2, 3, 4, 5, 6), LEVEL, normal(2, 3, 1, 5, 6))
    (shown, numbers), *_ = told.heard
    assert shown[:2, :, 0].abs().min() > 0
    assert shown[2:, :, 0].abs().max() == 0
    assert torch.equal(numbers[:2], numbers[2:])


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    sizes = STDiTConfiguration(channels=3, depth=1, width=16, heads=2, condition_vector=48)
    return write(tmp_path_factory.mktemp("model") / "exposures.safetensors", autoencoder=None, denoiser=sizes)


class TestWithATransformer(PriorChecks):
    """As it is used: under guidance, which carries the picture here."""

    sizes = Sizes(channels=(3,), frames=(2,), height=(16,), width=(16,), slack=(0,))

    @pytest.fixture(autouse=True)
    def _model(self, model: Path) -> None:
        self.model = model

    def make(self) -> Prior:
        return CFG(ExposureConditioned(STDiT(file=self.model)), 2.0, condition=normal(3, 1, 16, 16))


def test_misuse():
    with pytest.raises(CapabilityError, match="latent of a blurred picture"):
        ExposureConditioned(Told()).predict(normal(1, 1, 2, 2, 2), LEVEL)
    with pytest.raises(SpaceError, match=r"b c t h w = \(1, 1, 1, 2, 2\)"):
        ExposureConditioned(Told()).predict(normal(1, 1, 2, 2, 2), LEVEL, normal(1, 1, 2, 2, 2))
    with pytest.raises(ComponentError, match="ends before it starts"):
        ExposureConditioned(Told(), [[0.5, 0.25]])
    with pytest.raises(ComponentError, match="3 intervals are given for a video of 2 frames"):
        ExposureConditioned(Told(), [[0, 0.5]] * 3).numbers(2)
