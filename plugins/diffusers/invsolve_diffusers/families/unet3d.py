"""The family `unet3d`: ModelScope text-to-video and TF-T2V, the same 3D-UNet."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.unet3d import TINY
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
class UNet3DFamily(Family):
    """ModelScope text-to-video, ZeroScope and TF-T2V, the same 3D-UNet: any number of frames, multiples of 8 pixels.

    ModelScope predicts noise, TF-T2V the velocity.

    References:
        Wang et al. 2023 (ModelScope); Wang et al. 2024 (TF-T2V); layouts as in diffusers 0.42.

    Examples:
        ```python
        UNet3DFamily()
        ```

        ```yaml
        prior: {use: diffusers, path: ali-vilab/text-to-video-ms-1.7b}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{wang2023modelscope, title={ModelScope Text-to-Video Technical Report}, "
        "author={Wang, Jiuniu and Yuan, Hangjie and Chen, Dayou and Zhang, Yingya and Wang, Xiang and Zhang, Shiwei}, "
        "year={2023}, eprint={2308.06571}, archivePrefix={arXiv}}",
        "@inproceedings{wang2024recipe, title={A Recipe for Scaling up Text-to-Video Generation with Text-free "
        "Videos}, author={Wang, Xiang and Zhang, Shiwei and Yuan, Hangjie and others}, booktitle={CVPR}, year={2024}}",
    )
    name: ClassVar[str] = "unet3d"
    title: ClassVar[str] = "ModelScope text-to-video, ZeroScope, TF-T2V (3D-UNet)"
    denoiser_class: ClassVar[str] = "UNet3DConditionModel"
    denoiser_folder: ClassVar[str] = "unet"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(encoder="CLIPTextModel", length=77, width_key="cross_attention_dim")

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """Any number."""
        del configs
        return FrameRule()

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

    def arguments(self, call: Call) -> dict[str, Any]:
        """The text."""
        return {"encoder_hidden_states": call.text.tokens}

    def conditioning_channels(self, configs: Configs) -> int:
        """The channels that go in and do not come out."""
        return int(configs.denoiser["in_channels"] - configs.denoiser["out_channels"])

    def blocks(self, network: Any) -> list[Any]:
        """Every block on the way down and up."""
        return [*network.down_blocks, network.mid_block, *network.up_blocks]

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
