"""`WanCodec`: the causal autoencoder of Wan 2.1, one latent frame at a time, its caches handed on by value."""

from typing import Any, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.recompute import recompute
from invsolve_diffusers.network.placement import Placement


@final
@attrs.frozen
class WanCodec(Codec):
    """`AutoencoderKLWan`: a latent frame at a time, each after the caches of the ones before.

    The autoencoder keeps its caches in itself, which breaks checkpointing; here each step takes and returns them, so
    recomputing is exact. It clamps what it decodes to [-1, 1], where the gradient of a saturated value is zero; we
    leave the clamp out, so that a latent that is decoded too bright can still be pulled back.

    References:
        The loop of `AutoencoderKLWan._decode` in diffusers 0.42.
    """

    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The mode, the first frame alone, then 4 at a time."""
        mode: Tensor = vae.encode(video).latent_dist.mode()
        return mode

    def decode(self, vae: Any, raw: Float[Tensor, "b zc zt zh zw"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """Latent frame by latent frame."""
        keep_all = placement.decoder_checkpointing == "none"

        def step(z: Tensor, cache: list[Any], first: bool) -> tuple[Tensor, list[Any]]:
            cache = list(cache)
            frames = vae.decoder(z, feat_cache=cache, feat_idx=[0], first_chunk=first)
            return frames, cache

        vae.clear_cache()
        cache = list(vae._feat_map)
        video = []
        for number, z in enumerate(vae.post_quant_conv(raw).split(1, dim=2)):
            first = number == 0
            frames, cache = step(z, cache, first) if keep_all else recompute(step, z, cache, first)
            video.append(frames)
        return torch.cat(video, dim=2)

    def prepare(self, vae: Any, placement: Placement) -> None:
        """Nothing: it has no checkpoints of its own.

        Raises:
            CapabilityError: where tiling is asked for.
        """
        if placement.tiling:
            raise CapabilityError("the autoencoder of Wan is not decoded in tiles here; leave `tiling` out.")
