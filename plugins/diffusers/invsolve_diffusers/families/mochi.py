"""The family `mochi`: Mochi 1, which counts time backwards."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.mochi import TINY
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.families.scaled import by_statistics_and_factor
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class Mochi(Family):
    """Mochi 1: rectified flow against the clock, 6k + 1 frames, sizes that are multiples of 16 pixels.

    References:
        Genmo 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        Mochi()
        ```

        ```yaml
        prior: {use: diffusers, path: genmo/mochi-1-preview}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{genmo2024mochi, title={Mochi 1}, author={{Genmo Team}}, year={2024}, "
        "howpublished={https://github.com/genmoai/models}}",
    )
    name: ClassVar[str] = "mochi"
    title: ClassVar[str] = "Mochi 1"
    denoiser_class: ClassVar[str] = "MochiTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKLMochi"
    codec: ClassVar[Codec] = WholeCodec()
    noise: ClassVar[NoiseLaw] = RectifiedFlow(reverse=True)
    text: ClassVar[TextRule | None] = TextRule(
        encoder="T5EncoderModel",
        length=256,
        encoder_sees_mask=True,
        denoiser_sees_mask=True,
        width_key="text_embed_dim",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One, and as many for each further latent frame as the autoencoder expands it to."""
        ratio = math.prod(configs.decoder["temporal_expansions"])
        return FrameRule(step=ratio, plus=1, ratio=ratio)

    def downsampling(self, configs: Configs) -> int:
        """All expansions together."""
        return math.prod(configs.decoder["spatial_expansions"])

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"])

    def normal(self, vae: Any) -> Affine:
        """``z = (raw - mean) factor / std``, or by the factor alone."""
        return by_statistics_and_factor(vae)

    def arguments(self, call: Call) -> dict[str, Any]:
        """Text and its mask."""
        return {"encoder_hidden_states": call.text.tokens, "encoder_attention_mask": call.mask}

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
