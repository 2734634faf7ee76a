"""The per-frame autoencoder: shapes, statistics, independence of frames."""

import pytest
import torch

from invsolve.errors import ComponentError
from invsolve_priors.learned.autoencoder.configuration import AUTOENCODERS, AutoencoderConfiguration
from invsolve_priors.learned.autoencoder.network import Autoencoder


@pytest.fixture
def autoencoder():
    torch.manual_seed(0)
    return Autoencoder(AUTOENCODERS["tiny"]).double()


def test_the_papers_shapes(autoencoder):
    video = torch.rand(1, 3, 2, 64, 64, dtype=torch.float64)
    z = autoencoder.eval().encode(video)
    assert z.shape == (1, 12, 2, 8, 8)
    assert autoencoder.decode(z).shape == video.shape
    quarter = Autoencoder(
        AutoencoderConfiguration(latent_channels=3, widths=(8, 8), encoder_blocks=(0, 0), decoder_blocks=(0, 0))
    )
    assert quarter.configuration.factor == AUTOENCODERS["factor_4"].factor == 4
    assert quarter.encode(torch.rand(1, 3, 1, 64, 64)).shape == (1, 3, 1, 16, 16)


def test_in_training_latents_have_zero_mean_and_unit_variance_and_its_statistics_follow(autoencoder):
    video = torch.rand(4, 3, 2, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        for _ in range(200):
            z = autoencoder.train().encode(video)
    torch.testing.assert_close(z.mean((0, 2, 3, 4)), torch.zeros(12, dtype=torch.float64), rtol=0, atol=1e-6)
    torch.testing.assert_close(z.std((0, 2, 3, 4)), torch.ones(12, dtype=torch.float64), rtol=1e-6, atol=0)
    torch.testing.assert_close(autoencoder.eval().encode(video), z, rtol=1e-3, atol=1e-3)


def test_a_frame_is_encoded_and_decoded_on_its_own(autoencoder):
    autoencoder.eval()
    video = torch.rand(2, 3, 3, 16, 16, dtype=torch.float64)
    z = autoencoder.encode(video)
    torch.testing.assert_close(autoencoder.encode(video[:, :, 1:2]), z[:, :, 1:2])
    torch.testing.assert_close(autoencoder.decode(z[1:, :, 2:]), autoencoder.decode(z)[1:, :, 2:])


def test_a_new_decoder_passes_gradients_to_every_parameter(autoencoder):
    for parameter in autoencoder.parameters():
        parameter.data.add_(0.01 * torch.randn_like(parameter))
    video = torch.rand(1, 3, 1, 16, 16, dtype=torch.float64)
    autoencoder.train()
    (autoencoder.decode(autoencoder.encode(video)) - video).square().mean().backward()
    assert all(bool((p.grad != 0).any()) for p in autoencoder.parameters())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"widths": (12, 16, 16)}, r"multiples of 8, got \(12, 16, 16\)"),
        ({"widths": (16, 16)}, "as many numbers of blocks as widths"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(fields, message):
    with pytest.raises(ComponentError, match=message):
        AutoencoderConfiguration(**fields)
