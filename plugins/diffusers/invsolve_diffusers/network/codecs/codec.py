"""Abstract `Codec`: how an autoencoder is called, forward and under a gradient."""

import abc
from typing import Any

from jaxtyping import Float
from torch import Tensor

from invsolve_diffusers.network.placement import Placement


class Codec(abc.ABC):
    """Encode and decode with an autoencoder of diffusers, in its own units: videos in [-1, 1], raw latents.

    Decoding is differentiable and exact under every memory policy: what is recomputed is recomputed bit for bit.
    """

    frames_alone: bool = False

    @abc.abstractmethod
    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The mode of the latent's law."""

    @abc.abstractmethod
    def decode(self, vae: Any, raw: Float[Tensor, "b zc zt zh zw"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """The video, not clamped by us."""

    @abc.abstractmethod
    def prepare(self, vae: Any, placement: Placement) -> None:
        """Set the autoencoder's own switches: checkpointing inside of a chunk, tiling."""
