"""`Autoencoder`: convolutions that take each frame to a small latent and back."""

from typing import final

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve_priors.learned.autoencoder.configuration import AutoencoderConfiguration


@final
class ChannelNorm(nn.Module):
    """Zero mean and unit variance over the channels of each pixel, then a learned scale and shift.

    Nothing but the pixel itself enters, so that a network trained on crops works on whole frames of any size.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``n width h w``."""
        # with channels last in memory neither view copies
        normed = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
        return normed.permute(0, 3, 1, 2)


@final
class ResidualBlock(nn.Module):
    """``x + conv(silu(norm(conv(silu(norm(x))))))``, the identity when new."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = ChannelNorm(width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = ChannelNorm(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        for parameter in self.conv2.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``n width h w``."""
        hidden: Tensor = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return x + hidden


def _mix(inner: int, outer: int, *, outermost: bool) -> nn.Module:
    """A 3 x 3 convolution where pixels begin and end, a 1 x 1 one inside, next to blocks of 3 x 3."""
    return nn.Conv2d(inner, outer, 3, padding=1) if outermost else nn.Conv2d(inner, outer, 1)


@final
class Autoencoder(nn.Module):
    """Each frame on its own: ``c h w`` to ``latent_channels h/f w/f`` and back, with the factor ``f``.

    A VQ-GAN's first stage without its code book and without its discriminator: resolutions change by moving 2 x 2
    pixels into channels and back. Latents have zero mean and unit variance in each channel: in training mode by the
    statistics of the batch, which are averaged over the steps into `latent_mean` and `latent_std`, else by these.

    References:
        Esser, Rombach and Ommer 2021, section 3.1 (the first stage); Shi et al. 2016 (sub-pixel convolution).
    """

    def __init__(self, configuration: AutoencoderConfiguration) -> None:
        super().__init__()
        self.configuration = configuration
        self.encoder_frozen = False
        widths = configuration.widths
        below = (configuration.channels, *widths)
        down: list[nn.Module] = []
        for level, blocks in enumerate(configuration.encoder_blocks):
            down += [nn.PixelUnshuffle(2), _mix(4 * below[level], widths[level], outermost=level == 0)]
            down += [ResidualBlock(widths[level]) for _ in range(blocks)]
        self.encoder = nn.Sequential(*down, nn.Conv2d(widths[-1], configuration.latent_channels, 3, padding=1))
        up: list[nn.Module] = [nn.Conv2d(configuration.latent_channels, widths[-1], 3, padding=1)]
        for level in reversed(range(len(widths))):
            up += [ResidualBlock(widths[level]) for _ in range(configuration.decoder_blocks[level])]
            up += [_mix(widths[level], 4 * below[level], outermost=level == 0), nn.PixelShuffle(2)]
        self.decoder = nn.Sequential(*up)
        self.latent_mean: Tensor
        self.latent_std: Tensor
        self.register_buffer("latent_mean", torch.zeros(configuration.latent_channels))
        self.register_buffer("latent_std", torch.ones(configuration.latent_channels))
        for parameter in self.parameters():
            if parameter.ndim == 4:
                # convolutions on a CPU run several times faster with channels last in memory
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b z t hz wz"]:
        """Latents of a video in [0, 1]; ``h`` and ``w`` must be multiples of the factor."""
        frames = rearrange(video, "b c t h w -> (b t) c h w").contiguous(memory_format=torch.channels_last)
        z = self.encoder(2 * frames - 1)
        mean, std = self._statistics(z)
        # in the precision of the video: statistics of half precision are too coarse
        z = (z.to(video.dtype) - mean[:, None, None]) / std[:, None, None]
        latent: Tensor = rearrange(z, "(b t) z h w -> b z t h w", b=video.shape[0])
        return latent

    def decode(self, z: Float[Tensor, "b z t hz wz"]) -> Float[Tensor, "b c t h w"]:
        """The video of a latent, not clamped."""
        frames = rearrange(z, "b z t h w -> (b t) z h w").contiguous(memory_format=torch.channels_last)
        pictures = (self.decoder(frames).to(z.dtype) + 1) / 2
        video: Tensor = rearrange(pictures, "(b t) c h w -> b c t h w", b=z.shape[0])
        return video

    def freeze_encoder(self) -> None:
        """From now on train the decoder alone: latents, and what was trained on them, stay as they are."""
        self.encoder_frozen = True
        self.encoder.requires_grad_(False)

    def _statistics(self, z: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training or self.encoder_frozen:
            return self.latent_mean, self.latent_std
        exact = z.to(self.latent_mean.dtype)
        mean, std = exact.mean((0, 2, 3)), exact.std((0, 2, 3)).clamp_min(1e-4)
        with torch.no_grad():
            self.latent_mean.lerp_(mean, 0.05)
            self.latent_std.lerp_(std, 0.05)
        return mean, std
