"""The family `ltx`: LTX-Video."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, final

import attrs
from einops import rearrange
from torch import Tensor

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.ltx import TINY
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Config, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule

FRAME_RATE: Final = 25  # frames/s, what the positions of the model's own pipeline assume
TOKENS: Final = 4000  # of a clip of some seconds at 704 x 480


@final
@attrs.frozen
class LTXVideo(Family):
    """LTX-Video: rectified flow in tokens, 8k + 1 frames, sizes that are multiples of 32 pixels.

    Its own pipeline shifts the schedule by the clip's length; here it is the shift of some seconds at 704 x 480. The
    pipeline ends at ``shift_terminal`` instead of the least noisy level; here the sampler's levels go all the way.

    References:
        HaCohen et al. 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        LTXVideo()
        ```

        ```yaml
        prior: {use: diffusers, path: Lightricks/LTX-Video}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{hacohen2024ltx, title={LTX-Video: Realtime Video Latent Diffusion}, "
        "author={HaCohen, Yoav and Chiprut, Nisan and Brazowski, Benny and others}, "
        "year={2024}, eprint={2501.00103}, archivePrefix={arXiv}}",
    )
    name: ClassVar[str] = "ltx"
    title: ClassVar[str] = "LTX-Video"
    denoiser_class: ClassVar[str] = "LTXVideoTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKLLTXVideo"
    codec: ClassVar[Codec] = WholeCodec(decode_time=0.0)
    noise: ClassVar[NoiseLaw] = RectifiedFlow(tokens=TOKENS)
    text: ClassVar[TextRule | None] = TextRule(
        encoder="T5EncoderModel", length=128, denoiser_sees_mask=True, width_key="caption_channels"
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One, and as many for each further latent frame as the autoencoder says."""
        ratio = time_downsampling(configs.decoder)
        return FrameRule(step=ratio, plus=1, ratio=ratio)

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder says."""
        return space_downsampling(configs.decoder)

    def patch(self, configs: Configs) -> int:
        """Tokens are latent pixels."""
        del configs
        return 1

    def normal(self, vae: Any) -> Affine:
        """The statistics of the latents, which stand among the weights."""
        return vae.latents_mean, vae.config.scaling_factor / vae.latents_std

    def pack(self, z: Tensor) -> Tensor:
        """Tokens ``b (t h w) c``."""
        return rearrange(z, "b c t h w -> b (t h w) c")

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The latent of tokens."""
        _, _, t, h, w = shape
        return rearrange(output, "b (t h w) c -> b c t h w", t=t, h=h, w=w)

    def arguments(self, call: Call) -> dict[str, Any]:
        """Text and its mask, and the grid that the tokens stand for."""
        _, frames, height, width = call.shape
        decoder = call.configs.decoder
        return {
            "encoder_hidden_states": call.text.tokens,
            "encoder_attention_mask": call.mask,
            "num_frames": frames,
            "height": height,
            "width": width,
            "rope_interpolation_scale": (time_downsampling(decoder) / FRAME_RATE, *[space_downsampling(decoder)] * 2),
        }

    def refuses(self, configs: Configs) -> str | None:
        """Tokens of one latent pixel are what all released checkpoints have."""
        if configs.denoiser["patch_size"] != 1 or configs.denoiser["patch_size_t"] != 1:
            return "its tokens are patches of several latent pixels, which no released checkpoint has"
        return None

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY


def time_downsampling(config: Config) -> int:
    """Video frames for each latent frame."""
    return int(config.get("temporal_compression_ratio") or _downsampling(config, "patch_size_t"))


def space_downsampling(config: Config) -> int:
    """Video pixels for each latent pixel."""
    return int(config.get("spatial_compression_ratio") or _downsampling(config, "patch_size"))


def _downsampling(config: Config, patch: str) -> int:
    return int(config[patch] * 2 ** sum(config["spatio_temporal_scaling"]))
