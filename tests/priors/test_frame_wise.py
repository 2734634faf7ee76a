"""`frame_wise`: an image prior for each frame, and nothing between them."""

import numpy as np
import pytest
import torch
from torch import Tensor

from invsolve import DiscreteSchedule, FlowSchedule, NoiseLevel, Prediction, Prior, VideoSpace
from invsolve.errors import ComponentError, SpaceError
from invsolve.testing import PriorChecks, Sizes
from invsolve_priors import FrameWise, Gaussian

IMAGE = Gaussian(
    mean=np.array([0.2, 0.5, -0.1]).reshape(1, 1, 1, 3),
    covariance=[[1.0, 0.3, 0.0], [0.3, 0.5, 0.1], [0.0, 0.1, 0.4]],
    schedule=FlowSchedule(),
)


class TestFrameWise(PriorChecks):
    sizes = Sizes(channels=(1,), frames=(1, 2, 4), height=(1,), width=(3,), slack=(0,))

    def make(self) -> Prior:
        return FrameWise(IMAGE)


class Conditioned(Prior):
    """An image prior that predicts its condition, behind a decoder that doubles the height."""

    schedule = DiscreteSchedule()

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        assert space.frames == 1
        return (2, 1, space.height // 2, space.width)

    def encode(self, video: Tensor) -> Tensor:
        return torch.cat([video[..., ::2, :], video[..., 1::2, :]], dim=1)

    def decode(self, z: Tensor) -> Tensor:
        return z.repeat_interleave(2, dim=3)[:, :1]

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        assert condition is not None and len(condition) == len(z)
        z0 = condition.reshape(-1, 1, 1, 1, 1).expand_as(z)
        return Prediction(z0, z - z0, variance_fraction=0.1 * z)


def test_each_frame_is_predicted_as_an_image():
    z = torch.randn(2, 1, 4, 1, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    level = FlowSchedule().at(0.4)
    found = FrameWise(IMAGE).predict(z, level)
    for t in range(4):
        alone = IMAGE.predict(z[:, :, t : t + 1], level)
        torch.testing.assert_close(found.z0[:, :, t : t + 1], alone.z0, rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(found.eps[:, :, t : t + 1], alone.eps, rtol=1e-12, atol=1e-13)
    assert FrameWise(IMAGE).schedule == FlowSchedule()


def test_latents_conditions_and_variances_keep_their_frames():
    prior = FrameWise(Conditioned())
    assert prior.latent_shape(VideoSpace(frames=3, height=4, width=5, channels=1)) == (2, 3, 2, 5)
    video = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 1, 3, 4, 5)
    z = prior.encode(video)
    assert torch.equal(z[1, 1, 2], video[1, 0, 2, 1::2])
    assert torch.equal(prior.decode(z)[1, 0, 2], video[1, 0, 2, ::2].repeat_interleave(2, dim=0))
    found = prior.predict(z, DiscreteSchedule().at(5.0), torch.tensor([3.0, 7.0]))
    assert torch.equal(found.z0[:, 0, :, 0, 0], torch.tensor([[3.0] * 3, [7.0] * 3]))
    assert found.variance_fraction is not None and torch.equal(found.variance_fraction, 0.1 * z)


def test_refusals():
    with pytest.raises(SpaceError, match="mean of the gaussian prior"):
        FrameWise(IMAGE).latent_shape(VideoSpace(frames=3, height=1, width=4, channels=1))
    with pytest.raises(ComponentError, match="Make one"):
        FrameWise(Gaussian)  # type: ignore[arg-type]
