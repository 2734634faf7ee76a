"""`Latents`: Stable Diffusion's autoencoder between pictures and the latents of EDM2."""

from functools import cached_property
from pathlib import Path
from typing import Any, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, ReadError


@final
@attrs.frozen
class Latents:
    """``z = scale E(x) + bias``, ``x = D((z - bias) / scale)``; here pictures are in [0, 1], as EDM2 was trained.

    Attributes:
        folder: an `AutoencoderKL` in the layout of diffusers.
        scale: for each channel of the latent.
        bias: for each channel of the latent.

    References:
        Karras et al. 2024, appendix B.2.
    """

    folder: Path
    scale: tuple[float, ...]
    bias: tuple[float, ...]

    @property
    def pixels(self) -> int:
        """The side of a picture for each of the latent's."""
        side: int = 2 ** (len(self._module.config.block_out_channels) - 1)
        return side

    def encode(self, video: Float[Tensor, "b c 1 h w"]) -> Float[Tensor, "b zc 1 zh zw"]:
        """The mean of the latent's law."""
        raw = self._at(video).encode(video[:, :, 0].float()).latent_dist.mean
        z: Tensor = raw.to(video) * _column(self.scale, video) + _column(self.bias, video)
        return z[:, :, None]

    def decode(self, z: Float[Tensor, "b zc 1 zh zw"]) -> Float[Tensor, "b c 1 h w"]:
        """The picture, not clamped."""
        raw = (z[:, :, 0] - _column(self.bias, z)) / _column(self.scale, z)
        video: Tensor = self._at(z).decode(raw.float()).sample
        return video[:, :, None].to(z)

    @cached_property
    def _module(self) -> Any:
        try:
            from diffusers import AutoencoderKL
        except ImportError as error:
            raise CapabilityError(
                "EDM2's latents need the autoencoder of diffusers: `pip install 'invsolve-azula[latent]'`."
            ) from error
        if not (self.folder / "config.json").is_file():
            raise ReadError(f"{self.folder} is not the folder of an AutoencoderKL: it holds no config.json.")
        try:
            kind: Any = AutoencoderKL
            found = kind.from_pretrained(self.folder, use_safetensors=True)
        except (OSError, ValueError, RuntimeError) as error:
            said = " ".join(str(error).split())[:200]
            raise ReadError(
                f"{self.folder} holds no AutoencoderKL in safetensors that can be read ({said})."
            ) from error
        return found.eval().requires_grad_(False)

    def _at(self, like: Tensor) -> Any:
        return self._module.to(like.device, torch.float32)


def _column(values: tuple[float, ...], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)[:, None, None]
