"""The family `stable_diffusion_xl`: Stable Diffusion XL."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.stable_diffusion import STABLE_DIFFUSION_XL
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.pictures import ONE, with_time, without_time
from invsolve_diffusers.families.scaled import by_statistics_and_factor, picture_downsampling
from invsolve_diffusers.families.stable_diffusion import guidance_one, refuses_conditions
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import Clip, TextRule

POOLED: Final = 1280  # the width of the text in one vector, of every released checkpoint


@final
@attrs.frozen
class StableDiffusionXL(Family):
    """Stable Diffusion XL, for pictures of one frame whose sizes are multiples of 8 pixels.

    The network is told that the picture was never cropped nor scaled.

    References:
        Podell et al. 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        StableDiffusionXL()
        ```

        ```yaml
        prior: {use: diffusers, path: stabilityai/stable-diffusion-xl-base-1.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{podell2024sdxl, title={SDXL: Improving Latent Diffusion Models for High-Resolution Image "
        "Synthesis}, author={Podell, Dustin and English, Zion and Lacey, Kyle and others}, booktitle={ICLR}, "
        "year={2024}}",
    )
    name: ClassVar[str] = "stable_diffusion_xl"
    title: ClassVar[str] = "Stable Diffusion XL"
    denoiser_class: ClassVar[str] = "UNet2DConditionModel"
    denoiser_folder: ClassVar[str] = "unet"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    decoder_uses: ClassVar[frozenset[str]] = frozenset({"latents_mean", "latents_std"})
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(
        clips=(Clip("text_encoder", "tokenizer"), Clip("text_encoder_2", "tokenizer_2", pooled=True)),
        width_key="cross_attention_dim",
        pooled_key="projection_class_embeddings_input_dim",
        sizes_key="addition_time_embed_dim",
    )

    def claims(self, denoiser: Mapping[str, Any], scheduler: Mapping[str, Any]) -> bool:
        """By the sizes that it embeds."""
        del scheduler
        return denoiser.get("addition_embed_type") == "text_time"

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
        """Each latent pixel by itself."""
        del configs
        return 1

    def normal(self, vae: Any) -> Affine:
        """By its factor, or ``z = (raw - mean) factor / std``."""
        return by_statistics_and_factor(vae)

    def pack(self, z: Tensor) -> Tensor:
        """Pictures."""
        return without_time(z)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Videos of one frame."""
        del shape
        return with_time(output)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text, all of it in one vector, and the sizes: original, cropped from, wanted."""
        if call.text.pooled is None:
            raise CapabilityError(
                "Stable Diffusion XL takes a pooled text besides the tokens; a condition holds tokens only. Set "
                "`prompt` instead."
            )
        factor = picture_downsampling(call.configs)
        size = [factor * call.shape[2], factor * call.shape[3]]
        sizes = call.text.pooled.new_tensor([*size, 0, 0, *size]).expand(len(call.z), -1)
        given: dict[str, Any] = {
            "encoder_hidden_states": call.text.tokens,
            "added_cond_kwargs": {"text_embeds": call.text.pooled, "time_ids": sizes},
        }
        width = call.configs.denoiser["time_cond_proj_dim"]
        if width is not None:
            given["timestep_cond"] = guidance_one(call.z, width)
        return given

    def refuses(self, configs: Configs) -> str | None:
        """Refiners, and networks that see more than a noisy picture and a text."""
        config = configs.denoiser
        if (config["projection_class_embeddings_input_dim"] - POOLED) // config["addition_time_embed_dim"] == 5:
            return "it is the refiner of SDXL, which finishes another model's pictures; use the base checkpoint"
        return refuses_conditions(configs, ("class_embed_type", "num_class_embeds"))

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return STABLE_DIFFUSION_XL
