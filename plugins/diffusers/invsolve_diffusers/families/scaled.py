"""Latent normalisations and sizes that several families share."""

from typing import Any

from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine


def by_factor(vae: Any) -> Affine:
    """``z = factor raw``."""
    return 0.0, vae.config.scaling_factor


def by_statistics(vae: Any) -> Affine:
    """``z = (raw - mean) / std``, channel by channel."""
    return vae.config.latents_mean, [1 / std for std in vae.config.latents_std]


def picture_downsampling(configs: Configs) -> int:
    """The downsampling factor of an autoencoder of pictures."""
    return int(2 ** (len(configs.decoder["block_out_channels"]) - 1))


def by_statistics_and_factor(vae: Any) -> Affine:
    """``z = (raw - mean) factor / std``, or by the factor alone where there are no statistics."""
    config = vae.config
    if config.latents_mean is None or config.latents_std is None:
        return 0.0, config.scaling_factor
    return config.latents_mean, [config.scaling_factor / std for std in config.latents_std]


def by_shift_and_factor(vae: Any) -> Affine:
    """``z = (raw - shift) factor``."""
    return vae.config.shift_factor or 0.0, vae.config.scaling_factor
