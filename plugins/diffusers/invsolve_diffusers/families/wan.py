"""The family `wan`: Wan 2.1 text-to-video."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.wan import TINY
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.families.scaled import by_statistics
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.wan import WanCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class Wan(Family):
    """Wan 2.1 text-to-video: rectified flow, 4k + 1 frames, sizes that are multiples of 16 pixels.

    References:
        Wan Team 2025; layouts as in diffusers 0.42.

    Examples:
        ```python
        Wan()
        ```

        ```yaml
        prior: {use: diffusers, path: Wan-AI/Wan2.1-T2V-1.3B-Diffusers}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{wan2025, title={Wan: Open and Advanced Large-Scale Video Generative Models}, author={{Team Wan}}, "
        "year={2025}, eprint={2503.20314}, archivePrefix={arXiv}}",
    )
    name: ClassVar[str] = "wan"
    title: ClassVar[str] = "Wan 2.1 text-to-video"
    denoiser_class: ClassVar[str] = "WanTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKLWan"
    codec: ClassVar[Codec] = WanCodec()
    noise: ClassVar[NoiseLaw] = RectifiedFlow()
    text: ClassVar[TextRule | None] = TextRule(
        encoder="UMT5EncoderModel",
        length=512,
        clean="tidy",
        encoder_sees_mask=True,
        padding="zero",
        width_key="text_dim",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["z_dim"])

    def frames(self, configs: Configs) -> FrameRule:
        """One, and four for each further latent frame."""
        del configs
        return FrameRule(step=4, plus=1, ratio=4)

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder says."""
        return int(configs.decoder["scale_factor_spatial"])

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"][1])

    def normal(self, vae: Any) -> Affine:
        """By the statistics of each channel."""
        return by_statistics(vae)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text."""
        return {"encoder_hidden_states": call.text.tokens}

    def refuses(self, configs: Configs) -> str | None:
        """Image-to-video and control variants take more than a text."""
        if configs.denoiser.get("image_dim") is not None or configs.denoiser["in_channels"] != 16:
            return "it is an image-to-video or control variant of Wan; use a text-to-video checkpoint (Wan2.1-T2V)"
        return None

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
