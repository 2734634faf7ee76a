"""The family `animatediff`: a picture model with motion modules (UNetMotionModel)."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve_diffusers.architectures.animatediff import TINY
from invsolve_diffusers.architectures.architecture import Architecture
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
class AnimateDiff(Family):
    """AnimateDiff, a picture model with motion modules: noise prediction, at most 32 frames, multiples of 8 pixels.

    Checkpoints are pipelines saved with their ``UNetMotionModel``.

    References:
        Guo et al. 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        AnimateDiff()
        ```

        ```yaml
        prior: {use: diffusers, path: FOLDER}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{guo2024animatediff, title={AnimateDiff: Animate Your Personalized Text-to-Image Diffusion "
        "Models without Specific Tuning}, author={Guo, Yuwei and Yang, Ceyuan and Rao, Anyi and others}, "
        "booktitle={ICLR}, year={2024}}",
    )
    name: ClassVar[str] = "animatediff"
    title: ClassVar[str] = "AnimateDiff (UNetMotionModel)"
    denoiser_class: ClassVar[str] = "UNetMotionModel"
    denoiser_folder: ClassVar[str] = "unet"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = Table()
    text: ClassVar[TextRule | None] = TextRule(encoder="CLIPTextModel", length=77, width_key="cross_attention_dim")

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """As far as the motion modules count."""
        return FrameRule(most=int(configs.denoiser["motion_max_seq_length"]))

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
        """The text once for each frame, which this model leaves to its caller."""
        return {"encoder_hidden_states": call.text.tokens.repeat_interleave(call.z.shape[2], dim=0)}

    def refuses(self, configs: Configs) -> str | None:
        """SDXL and IP-adapter variants want more than a text."""
        if configs.denoiser.get("addition_embed_type") is not None or configs.denoiser.get("encoder_hid_dim_type"):
            return "it wants sizes or a picture besides the text (SDXL, IP-adapter), which is not supported"
        return None

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY
