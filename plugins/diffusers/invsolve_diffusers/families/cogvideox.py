"""The family `cogvideox`: CogVideoX 2B, 5B, 5B-I2V, 1.5-5B and 1.5-5B-I2V."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.cogvideox import TINY
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.cogvideox import CogVideoXCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.exposed_patch_embed import ExposedPatchEmbed
from invsolve_diffusers.network.family import Affine, Family, Shape, frames_first
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class CogVideoXFamily(Family):
    """CogVideoX 2B, 5B, 5B-I2V, 1.5-5B and 1.5-5B-I2V: v-prediction, 8k + 1 frames, multiples of 16 pixels.

    The last level of its schedule is noise alone (zero terminal SNR).

    References:
        Yang et al. 2025; layouts as in diffusers 0.42.

    Examples:
        ```python
        CogVideoXFamily()
        ```

        ```yaml
        prior: {use: diffusers, path: THUDM/CogVideoX-2b}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{yang2025cogvideox, title={CogVideoX: Text-to-Video Diffusion Models with An Expert "
        "Transformer}, author={Yang, Zhuoyi and Teng, Jiayan and Zheng, Wendi and others}, booktitle={ICLR}, "
        "year={2025}}",
    )
    name: ClassVar[str] = "cogvideox"
    title: ClassVar[str] = "CogVideoX 2B, 5B, 5B-I2V, 1.5-5B, 1.5-5B-I2V"
    denoiser_class: ClassVar[str] = "CogVideoXTransformer3DModel"
    decoder_class: ClassVar[str] = "AutoencoderKLCogVideoX"
    codec: ClassVar[Codec] = CogVideoXCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(
        encoder="T5EncoderModel", length=226, length_key="max_text_seq_length", width_key="text_embed_dim"
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One, and eight for each further pair of latent frames."""
        del configs
        return FrameRule(step=8, plus=1, ratio=4)

    def downsampling(self, configs: Configs) -> int:
        """A half for each level of the autoencoder."""
        return int(2 ** (len(configs.decoder["block_out_channels"]) - 1))

    def patch(self, configs: Configs) -> int:
        """As the transformer has it."""
        return int(configs.denoiser["patch_size"])

    def pads(self, configs: Configs) -> int:
        """CogVideoX 1.5 joins latent frames in pairs; ``8k + 1`` frames have an odd number of them: one more."""
        return 0 if configs.denoiser["patch_size_t"] is None else 1

    def normal(self, vae: Any) -> Affine:
        """By its factor."""
        return by_factor(vae)

    def pack(self, z: Tensor) -> Tensor:
        """Frames first."""
        return frames_first(z)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Channels first again."""
        del shape
        return frames_first(output)

    def arguments(self, call: Call) -> dict[str, Any]:
        """Text, rotary positions (5B) and the offset that 1.5-5B-I2V takes."""
        config = call.configs.denoiser
        length, wanted = call.text.tokens.shape[1], config["max_text_seq_length"]
        if not config["use_rotary_positional_embeddings"] and length != wanted:
            raise SpaceError(f"CogVideoX-2B takes exactly {wanted} tokens of text, padded, got {length}.")
        given: dict[str, Any] = {"encoder_hidden_states": call.text.tokens}
        if config["use_rotary_positional_embeddings"]:
            given["image_rotary_emb"] = rotary(config, call.shape, call.z.device)
        if config.get("ofs_embed_dim") is not None:
            given["ofs"] = call.z.new_full((1,), 2.0)
        return given

    def conditioning_channels(self, configs: Configs) -> int:
        """The channels that go in and do not come out."""
        return int(configs.denoiser["in_channels"] - configs.denoiser["out_channels"])

    def refuses_shape(self, configs: Configs, shape: Shape) -> str | None:
        """5B-I2V has a learned table of positions, of one size; 1.5 has a grid that cannot be left."""
        config = configs.denoiser
        height, width = config["sample_height"], config["sample_width"]
        if config["use_learned_positional_embeddings"] and shape[2:] != (height, width):
            return f"its learned positions are for {8 * height} x {8 * width} pixels (height x width) only"
        if config.get("patch_size_t") and (shape[2] > height or shape[3] > width):
            return f"its positions end at {8 * height} x {8 * width} pixels (height x width)"
        return None

    def settle(self, network: Any, shape: Shape) -> None:
        """Keep the table of sine positions (2B) for latents of this shape: diffusers makes it anew at every call."""
        embed = network.patch_embed
        if isinstance(embed, ExposedPatchEmbed):
            embed = embed.inner
        if not embed.use_positional_embeddings or embed.use_learned_positional_embeddings:
            return
        _, frames, height, width = shape
        pixels = (frames - 1) * embed.temporal_compression_ratio + 1
        if (embed.sample_frames, embed.sample_height, embed.sample_width) == (pixels, height, width):
            return
        device = embed.pos_embedding.device
        embed.register_buffer(
            "pos_embedding", embed._get_positional_embeddings(height, width, pixels, device=device), persistent=False
        )
        embed.sample_frames, embed.sample_height, embed.sample_width = pixels, height, width

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY


def rotary(config: Any, shape: Shape, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the positions: stretched over the trained grid (1.0), or a part of it (1.5).

    References:
        `CogVideoXPipeline._prepare_rotary_positional_embeddings` in diffusers 0.42.
    """
    from diffusers.models.embeddings import get_3d_rotary_pos_embed
    from diffusers.pipelines.cogvideo import pipeline_cogvideox

    crop: Any = pipeline_cogvideox.get_resize_crop_region_for_grid
    patch, pair = config["patch_size"], config.get("patch_size_t")
    _, frames, height, width = shape
    grid = (height // patch, width // patch)
    trained = (config["sample_height"] // patch, config["sample_width"] // patch)
    if pair is None:
        cosines, sines = get_3d_rotary_pos_embed(
            config["attention_head_dim"],
            crop(grid, trained[1], trained[0]),
            grid,
            frames,
            device=device,
        )
    else:
        cosines, sines = get_3d_rotary_pos_embed(
            config["attention_head_dim"],
            None,
            grid,
            (frames + pair - 1) // pair,
            grid_type="slice",
            max_size=trained,
            device=device,
        )
    return cosines, sines
