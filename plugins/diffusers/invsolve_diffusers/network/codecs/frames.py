"""`FrameCodec`: autoencoders of pictures, frame by frame."""

from typing import Any, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.recompute import recompute
from invsolve_diffusers.network.placement import Placement


@final
@attrs.frozen
class FrameCodec(Codec):
    """`AutoencoderKL`: each frame on its own, ``placement.decoder_frames`` at a time.

    A frame of 256 x 256 keeps 0.7 GiB for its gradient in bfloat16, so each chunk is checkpointed by default.
    """

    frames_alone: bool = attrs.field(default=True, init=False, repr=False, eq=False)

    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc t zh zw"]:
        """Frame by frame."""
        frames = torch.split(rearrange(video, "b c t h w -> (b t) c h w"), 1)
        latents = torch.cat([vae.encode(frame).latent_dist.mode() for frame in frames])
        return rearrange(latents, "(b t) c h w -> b c t h w", b=len(video))

    def decode(self, vae: Any, raw: Float[Tensor, "b zc t zh zw"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """Chunk by chunk of frames."""
        keep_all = placement.decoder_checkpointing == "none"

        def picture(z: Tensor) -> Tensor:
            decoded: Tensor = vae.decode(z).sample
            return decoded

        chunks = torch.split(rearrange(raw, "b c t h w -> (b t) c h w"), placement.decoder_frames)
        frames = torch.cat([picture(chunk) if keep_all else recompute(picture, chunk) for chunk in chunks])
        return rearrange(frames, "(b t) c h w -> b c t h w", b=len(raw))

    def prepare(self, vae: Any, placement: Placement) -> None:
        """The autoencoder's own checkpoints under ``inner``."""
        set_switches(vae, placement)


def set_switches(vae: Any, placement: Placement) -> None:
    """Checkpointing inside of a chunk and tiling, by the model's own switches."""
    if placement.decoder_checkpointing == "inner":
        vae.enable_gradient_checkpointing()
    else:
        vae.disable_gradient_checkpointing()
    if placement.tiling:
        vae.enable_tiling()
    else:
        vae.disable_tiling()
