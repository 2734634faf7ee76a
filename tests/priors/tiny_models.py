"""Model files small enough for tests."""

import torch

from invsolve.video.space import VideoSpace
from invsolve_priors.learned.autoencoder.configuration import AutoencoderConfiguration
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import write_model
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianConfiguration, GaussianEstimate
from invsolve_priors.learned.stdit.network import STDiTNetwork

SIZES = AutoencoderConfiguration(latent_channels=4, widths=(8, 8), encoder_blocks=(1, 1), decoder_blocks=(1, 1))
SPACE = VideoSpace(frames=2, height=16, width=16, transfer="linear")


def write(path, *, autoencoder=SIZES, denoiser=None, shake=0.02, **card):
    """A model file of new networks, their zeros shaken."""
    torch.manual_seed(0)
    channels = SPACE.channels if autoencoder is None else autoencoder.latent_channels
    sizes = denoiser or STDiTConfiguration(channels=channels, depth=1, width=16, heads=2)
    networks = {"denoiser": STDiTNetwork(sizes)}
    if autoencoder is not None:
        networks["autoencoder"] = Autoencoder(autoencoder)
    if "gaussian" in card:
        networks["gaussian"] = GaussianEstimate(card["gaussian"])
        networks["gaussian"].fit(torch.randn(50, *card["gaussian"].shape))
    for network in networks.values():
        for parameter in network.parameters():
            parameter.data.add_(shake * torch.randn_like(parameter))
    write_model(path, ModelCard(space=SPACE, autoencoder=autoencoder, denoiser=sizes, **card), networks)
    return path


def write_residual(path):
    """A model of pixels that corrects a linear estimate."""
    sizes = STDiTConfiguration(channels=3, depth=1, width=16, heads=2, condition_channels=3)
    gaussian = GaussianConfiguration((3, 2, 16, 16), rank=8)
    return write(path, autoencoder=None, denoiser=sizes, output="residual", gaussian=gaussian)
