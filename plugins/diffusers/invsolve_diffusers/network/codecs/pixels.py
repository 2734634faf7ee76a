"""`PixelCodec`: models of pixels, which have no autoencoder."""

from typing import Any, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import CapabilityError
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.placement import Placement


@final
@attrs.frozen
class PixelCodec(Codec):
    """The latent is the picture itself, in [-1, 1]."""

    frames_alone: bool = attrs.field(default=True, init=False, repr=False, eq=False)

    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """As it is."""
        del vae
        return video

    def decode(self, vae: Any, raw: Float[Tensor, "b c t h w"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """As it is."""
        del vae, placement
        return raw

    def prepare(self, vae: Any, placement: Placement) -> None:
        """Nothing; raises `CapabilityError` where tiling is asked for."""
        del vae
        if placement.tiling:
            raise CapabilityError("a model of pixels decodes nothing, in tiles or otherwise; leave `tiling` out.")


@final
class NoAutoencoder(nn.Module):
    """What stands for the autoencoder of a model of pixels: a place and a precision."""

    place: Tensor

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        self.register_buffer("place", torch.empty(0, dtype=dtype, device=device), persistent=False)

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.place.device

    @property
    def dtype(self) -> torch.dtype:
        """Its precision."""
        return self.place.dtype
