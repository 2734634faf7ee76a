"""The family `stable_diffusion`: Stable Diffusion 1 and 2, and latent consistency models of their kind."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.stable_diffusion import STABLE_DIFFUSION
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.pictures import ONE, with_time, without_time
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
class StableDiffusion(Family):
    """Stable Diffusion 1 and 2, for pictures of one frame whose sizes are multiples of 8 pixels.

    Latent consistency models of this kind are asked for guidance 1.

    References:
        Rombach et al. 2022; layouts as in diffusers 0.42.

    Examples:
        ```python
        StableDiffusion()
        ```

        ```yaml
        prior: {use: diffusers, path: stable-diffusion-v1-5/stable-diffusion-v1-5}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{rombach2022latent, title={High-Resolution Image Synthesis with Latent Diffusion Models}, "
        'author={Rombach, Robin and Blattmann, Andreas and Lorenz, Dominik and Esser, Patrick and Ommer, Bj{\\"o}rn}, '
        "booktitle={CVPR}, year={2022}}",
    )
    name: ClassVar[str] = "stable_diffusion"
    title: ClassVar[str] = "Stable Diffusion 1 and 2"
    denoiser_class: ClassVar[str] = "UNet2DConditionModel"
    denoiser_folder: ClassVar[str] = "unet"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(encoder="CLIPTextModel", length=77, width_key="cross_attention_dim")

    def claims(self, denoiser: Mapping[str, Any], scheduler: Mapping[str, Any]) -> bool:
        """All but SDXL, which embeds sizes."""
        del scheduler
        return denoiser.get("addition_embed_type") != "text_time"

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
        """By its factor."""
        return by_factor(vae)

    def pack(self, z: Tensor) -> Tensor:
        """Pictures."""
        return without_time(z)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Videos of one frame."""
        del shape
        return with_time(output)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text, and the embedding of guidance 1 for models that were distilled with one."""
        given: dict[str, Any] = {"encoder_hidden_states": call.text.tokens}
        width = call.configs.denoiser["time_cond_proj_dim"]
        if width is not None:
            given["timestep_cond"] = guidance_one(call.z, width)
        return given

    def refuses(self, configs: Configs) -> str | None:
        """Networks that see more than a noisy picture and a text."""
        return refuses_conditions(configs, ("addition_embed_type", "class_embed_type", "num_class_embeds"))

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return STABLE_DIFFUSION


def refuses_conditions(configs: Configs, others: tuple[str, ...]) -> str | None:
    """Why a network is more than a denoiser of one picture that is told a text, or None.

    Args:
        others: fields that must be null.
    """
    given, wanted = configs.denoiser["in_channels"], configs.decoder["latent_channels"]
    if given != wanted:
        return (
            f"its network takes {given} channels for latents of {wanted}: an inpainting, depth, upscaling or editing "
            "variant; use the text-to-picture checkpoint"
        )
    for key in (*others, "encoder_hid_dim_type"):
        if configs.denoiser[key] is not None:
            return f"its network wants more than a text ({key}: {configs.denoiser[key]!r})"
    return None


def guidance_one(z: Tensor, width: int) -> Tensor:
    """The sines and cosines of guidance scale 1, counted from 0, as latent consistency models are told it."""
    half = z.new_zeros(len(z), width // 2)
    return torch.cat([half, half + 1], dim=1)
