"""The family `hunyuan`: HunyuanVideo text-to-video."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, final

import attrs

from invsolve.errors import CapabilityError
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.hunyuan import TINY
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule

GUIDANCE: Final = 1000.0  # the distilled guidance scale 1, in the model's thousandths
TEMPLATE: Final = (
    "<|start_header_id|>system<|end_header_id|>\n\nDescribe the video by detailing the following aspects: "
    "1. The main content and theme of the video."
    "2. The color, shape, size, texture, quantity, text, and spatial relationships of the objects."
    "3. Actions, events, behaviors temporal relationships, physical movement changes of the objects."
    "4. background environment, light, style and atmosphere."
    "5. camera angles, movements, and transitions used in the video:<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
)


@final
@attrs.frozen
class HunyuanVideo(Family):
    """HunyuanVideo text-to-video: rectified flow, 4k + 1 frames, sizes that are multiples of 16 pixels.

    References:
        Kong et al. 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        HunyuanVideo()
        ```

        ```yaml
        prior: {use: diffusers, path: hunyuanvideo-community/HunyuanVideo}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{kong2024hunyuanvideo, title={HunyuanVideo: A Systematic Framework For Large Video Generative Models}, "
        "author={Kong, Weijie and Tian, Qi and Zhang, Zijian and others}, year={2024}, eprint={2412.03603}, "
        "archivePrefix={arXiv}}",
    )
    name: ClassVar[str] = "hunyuan"
    title: ClassVar[str] = "HunyuanVideo"
    denoiser_class: ClassVar[str] = "HunyuanVideoTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKLHunyuanVideo"
    codec: ClassVar[Codec] = WholeCodec()
    noise: ClassVar[NoiseLaw] = RectifiedFlow()
    text: ClassVar[TextRule | None] = TextRule(
        encoder="LlamaModel",
        length=256,
        encoder_sees_mask=True,
        denoiser_sees_mask=True,
        layer=-3,
        template=TEMPLATE,
        crop=95,
        width_key="text_embed_dim",
        pooled_key="pooled_projection_dim",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One, and as many for each further latent frame as the autoencoder says."""
        ratio = int(configs.decoder["temporal_compression_ratio"])
        return FrameRule(step=ratio, plus=1, ratio=ratio)

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder says."""
        return int(configs.decoder["spatial_compression_ratio"])

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"])

    def normal(self, vae: Any) -> Affine:
        """By its factor."""
        return by_factor(vae)

    def arguments(self, call: Call) -> dict[str, Any]:
        """Text, mask and pooled text; guidance-distilled models are asked for guidance 1."""
        if call.text.pooled is None:
            raise CapabilityError(
                "HunyuanVideo takes a pooled text besides the tokens; a condition holds tokens only. Set `prompt` "
                "instead."
            )
        given: dict[str, Any] = {
            "encoder_hidden_states": call.text.tokens,
            "encoder_attention_mask": call.mask,
            "pooled_projections": call.text.pooled,
        }
        if call.configs.denoiser["guidance_embeds"]:
            given["guidance"] = call.z.new_full((len(call.z),), GUIDANCE)
        return given

    def refuses(self, configs: Configs) -> str | None:
        """Image-to-video variants take a picture in two more places."""
        if configs.denoiser.get("image_condition_type") is not None:
            return "it is an image-to-video variant of HunyuanVideo; use the text-to-video checkpoint"
        return None

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
