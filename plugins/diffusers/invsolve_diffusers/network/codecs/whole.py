"""`WholeCodec`: autoencoders that decode a clip in one call."""

from typing import Any, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.placement import Placement


@final
@attrs.frozen
class WholeCodec(Codec):
    """The autoencoders of LTX-Video, HunyuanVideo and Mochi: one call for the clip.

    There are no chunks to checkpoint: ``chunk`` and ``inner`` both mean the model's own blocks.

    Two habits of the models are switched off, unless tiling is asked for in the first case: blending overlapping runs
    of frames, which is another function than the decoder's own; and injecting fresh noise into the decoder's layers,
    which would make every decoding another one.

    Attributes:
        decode_time: for decoders that are conditioned on a noise level, the one that stands for a clean latent.
    """

    decode_time: float | None = None

    def encode(self, vae: Any, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The mode, in one call."""
        mode: Tensor = vae.encode(video).latent_dist.mode()
        return mode

    def decode(self, vae: Any, raw: Float[Tensor, "b zc zt zh zw"], placement: Placement) -> Float[Tensor, "b c t h w"]:
        """In one call."""
        if self.decode_time is not None and vae.config.timestep_conditioning:
            decoded: Tensor = vae.decode(raw, raw.new_full((len(raw),), self.decode_time)).sample
        else:
            decoded = vae.decode(raw).sample
        return decoded

    def prepare(self, vae: Any, placement: Placement) -> None:
        """The model's own checkpoints and tiles, and no injected noise."""
        if placement.decoder_checkpointing == "none":
            vae.disable_gradient_checkpointing()
        else:
            vae.enable_gradient_checkpointing()
        if placement.tiling:
            vae.enable_tiling()
        else:
            vae.disable_tiling()
        name = type(vae).__name__
        if name == "AutoencoderKLHunyuanVideo":
            vae.use_framewise_encoding = vae.use_framewise_decoding = placement.tiling
        if name == "AutoencoderKLLTXVideo":
            for layer in vae.decoder.modules():
                if type(layer).__name__ == "LTXVideoResnetBlock3d":
                    layer.per_channel_scale1 = layer.per_channel_scale2 = None
