"""The family `latte`: Latte text-to-video."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.latte import TINY
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.scaled import by_factor, picture_downsampling
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class Latte(Family):
    """Latte text-to-video: noise prediction, clips of one length, sizes that are multiples of 16 pixels.

    References:
        Ma et al. 2025; layouts as in diffusers 0.42.

    Examples:
        ```python
        Latte()
        ```

        ```yaml
        prior: {use: diffusers, path: maxin-cn/Latte-1}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{ma2025latte, title={Latte: Latent Diffusion Transformer for Video Generation}, "
        "author={Ma, Xin and Wang, Yaohui and Chen, Xinyuan and others}, journal={TMLR}, year={2025}}",
    )
    name: ClassVar[str] = "latte"
    title: ClassVar[str] = "Latte"
    denoiser_class: ClassVar[str] = "LatteTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(
        encoder="T5EncoderModel",
        length=120,
        clean="lower",
        encoder_sees_mask=True,
        padding="cut",
        width_key="caption_channels",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """The table of temporal positions is added whole: one length."""
        frames = int(configs.denoiser["video_length"])
        return FrameRule(step=frames, most=frames)

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder of pictures does."""
        return picture_downsampling(configs)

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"])

    def normal(self, vae: Any) -> Affine:
        """By its factor."""
        return by_factor(vae)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text."""
        return {"encoder_hidden_states": call.text.tokens}

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
