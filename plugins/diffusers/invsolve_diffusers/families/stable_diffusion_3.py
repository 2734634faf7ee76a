"""The family `stable_diffusion_3`: Stable Diffusion 3 and 3.5."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.stable_diffusion import STABLE_DIFFUSION_3
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.families.pictures import ONE, with_time, without_time
from invsolve_diffusers.families.scaled import by_shift_and_factor, picture_downsampling
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family, Shape
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import Clip, TextRule


@final
@attrs.frozen
class StableDiffusion3(Family):
    """Stable Diffusion 3 and 3.5: rectified flow, for pictures of one frame whose sizes are multiples of 16 pixels.

    References:
        Esser et al. 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        StableDiffusion3()
        ```

        ```yaml
        prior: {use: diffusers, path: stabilityai/stable-diffusion-3.5-medium}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{esser2024scaling, title={Scaling Rectified Flow Transformers for High-Resolution Image "
        "Synthesis}, author={Esser, Patrick and Kulal, Sumith and Blattmann, Andreas and others}, booktitle={ICML}, "
        "year={2024}}",
    )
    name: ClassVar[str] = "stable_diffusion_3"
    title: ClassVar[str] = "Stable Diffusion 3 and 3.5"
    denoiser_class: ClassVar[str] = "SD3Transformer2DModel"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    decoder_uses: ClassVar[frozenset[str]] = frozenset({"shift_factor"})
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = RectifiedFlow()
    text: ClassVar[TextRule | None] = TextRule(
        clips=(
            Clip("text_encoder", "tokenizer", pooled=True),
            Clip("text_encoder_2", "tokenizer_2", pooled=True),
        ),
        encoder="T5EncoderModel",
        folder="text_encoder_3",
        tokenizer="tokenizer_3",
        length=256,
        width_key="joint_attention_dim",
        pooled_key="pooled_projection_dim",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One."""
        del configs
        return ONE

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder of pictures does."""
        return picture_downsampling(configs)

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"])

    def normal(self, vae: Any) -> Affine:
        """``z = (raw - shift) factor``."""
        return by_shift_and_factor(vae)

    def pack(self, z: Tensor) -> Tensor:
        """Pictures."""
        return without_time(z)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Videos of one frame."""
        del shape
        return with_time(output)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text, and all of it in one vector."""
        if call.text.pooled is None:
            raise CapabilityError(
                "Stable Diffusion 3 takes a pooled text besides the tokens; a condition holds tokens only. Set "
                "`prompt` instead."
            )
        return {"encoder_hidden_states": call.text.tokens, "pooled_projections": call.text.pooled}

    def refuses(self, configs: Configs) -> str | None:
        """Variants that take more channels than the latent's."""
        given, wanted = configs.denoiser["in_channels"], configs.decoder["latent_channels"]
        return None if given == wanted else f"its transformer takes {given} channels for latents of {wanted}"

    def refuses_shape(self, configs: Configs, shape: Shape) -> str | None:
        """The table of positions ends."""
        most = int(configs.denoiser["pos_embed_max_size"] * configs.denoiser["patch_size"])
        if max(shape[2:]) > most:
            return f"its positions end at {most * picture_downsampling(configs)} pixels a side"
        return None

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return STABLE_DIFFUSION_3
