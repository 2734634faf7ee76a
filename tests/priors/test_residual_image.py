"""`residual_image`: a prior beside what its decoder cannot draw."""

import numpy as np
import pytest
import torch

from invsolve import FlowSchedule, NoiseLevel, Prior, VideoSpace
from invsolve.errors import SpaceError
from invsolve.testing import PriorChecks, Sizes
from invsolve_priors import STDiT
from invsolve_priors.dense.gaussian import Gaussian
from invsolve_priors.residual_image import ResidualImage
from tests.priors import tiny_models

VIDEOS = Gaussian(
    mean=np.array([0.2, 0.5, -0.1, 0.3, 0.0, 0.1]).reshape(1, 2, 1, 3),
    covariance=np.diag([1.0, 0.5, 0.4, 0.3, 0.2, 0.1]).tolist(),
    schedule=FlowSchedule(),
)
SPACE = VideoSpace(frames=2, height=1, width=3, channels=1)


def made(std: float = 0.3) -> ResidualImage:
    return ResidualImage(VIDEOS, frames=2, std=std)


class TestResidualImage(PriorChecks):
    sizes = Sizes(channels=(1,), frames=(2,), height=(1,), width=(3,), slack=(0,))

    def make(self) -> Prior:
        return made()


def test_videos_have_the_priors_covariance_and_that_of_a_repeated_white_image():
    prior = made()
    shape = prior.latent_shape(SPACE)
    assert shape == (1, 3, 1, 3)
    unit = torch.eye(9, dtype=torch.float64).view(9, *shape)
    jacobian = (prior.decode(unit) - prior.decode(torch.zeros_like(unit))).flatten(1).T
    covariance = jacobian @ torch.diag(torch.tensor([1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 1, 1, 1]).double()) @ jacobian.T
    expected = torch.diag(torch.tensor([1.0, 0.5, 0.4, 0.3, 0.2, 0.1]).double())
    expected += 0.09 * torch.ones(2, 2).double().kron(torch.eye(3).double())
    torch.testing.assert_close(covariance, expected, rtol=1e-12, atol=1e-12)


def test_the_residual_is_denoised_exactly_and_the_latent_by_the_prior():
    prior, level = made(), NoiseLevel(a=0.6, s=0.4, time=0.4)
    z = torch.randn(2, 1, 3, 1, 3, dtype=torch.float64)
    prediction, own = prior.predict(z, level), VIDEOS.predict(z[:, :, :2], level)
    torch.testing.assert_close(prediction.z0[:, :, :2], own.z0, rtol=0, atol=0)
    torch.testing.assert_close(prediction.z0[:, :, 2:], 0.6 / 0.52 * z[:, :, 2:], rtol=1e-12, atol=0)
    torch.testing.assert_close(0.6 * prediction.z0 + 0.4 * prediction.eps, z, rtol=1e-12, atol=1e-12)


def test_encoding_keeps_what_the_decoder_loses_of_still_detail(tmp_path):
    prior = ResidualImage(STDiT(file=tiny_models.write(tmp_path / "model.safetensors")), frames=2, std=0.05)
    video = torch.rand(2, 3, 2, 16, 16, dtype=torch.float64)
    z = prior.encode(video)
    assert z.shape[1:] == prior.latent_shape(tiny_models.SPACE) == (4, 14, 4, 4)
    again = prior.decode(z)
    torch.testing.assert_close(again.mean(2), video.mean(2), rtol=1e-9, atol=1e-9)
    assert not torch.allclose(again, video, atol=1e-2)


def test_other_numbers_of_frames_are_refused():
    with pytest.raises(SpaceError, match="frames=2"):
        ResidualImage(VIDEOS, frames=3).latent_shape(SPACE)
