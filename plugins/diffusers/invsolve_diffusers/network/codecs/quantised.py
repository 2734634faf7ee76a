"""`QuantisedCodec`: autoencoders with a codebook (VQGAN), frame by frame, with the codebook left out."""

from typing import Any, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.recompute import recompute
from invsolve_diffusers.network.placement import Placement


@final
@attrs.frozen
class QuantisedCodec(Codec):
    """`VQModel`: each frame on its own, ``placement.decoder_frames`` at a time.

    Its own pipeline moves each latent pixel to the nearest entry of the codebook before decoding: a step function,
    whose gradient is zero. Here the decoder gets the latent as it is, as in posterior sampling it must.

    References:
        The gradient without quantisation as in Zhan et al. 2025.
    """

    frames_alone: bool = attrs.field(default=True, init=False, repr=False, eq=False)

    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc t zh zw"]:
        """Frame by frame, before the codebook."""
        frames = torch.split(rearrange(video, "b c t h w -> (b t) c h w"), 1)
        latents = torch.cat([vae.encode(frame).latents for frame in frames])
        return rearrange(latents, "(b t) c h w -> b c t h w", b=len(video))

    def decode(self, vae: Any, raw: Float[Tensor, "b zc t zh zw"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """Chunk by chunk of frames; it has no checkpoints inside of one."""

        def picture(z: Tensor) -> Tensor:
            decoded: Tensor = vae.decode(z, force_not_quantize=True).sample
            return decoded

        keep_all = placement.decoder_checkpointing == "none"
        chunks = torch.split(rearrange(raw, "b c t h w -> (b t) c h w"), placement.decoder_frames)
        frames = torch.cat([picture(chunk) if keep_all else recompute(picture, chunk) for chunk in chunks])
        return rearrange(frames, "(b t) c h w -> b c t h w", b=len(raw))

    def prepare(self, vae: Any, placement: Placement) -> None:
        """Nothing; raises `CapabilityError` where tiling is asked for."""
        del vae
        if placement.tiling:
            raise CapabilityError("an autoencoder with a codebook is not decoded in tiles; leave `tiling` out.")
