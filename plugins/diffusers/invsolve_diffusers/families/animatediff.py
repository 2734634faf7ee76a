"""The family `animatediff`: a picture model with motion modules (UNetMotionModel)."""

from typing import Any

from invsolve_diffusers.families.noise import discrete, prediction, timestep
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.families.unet3d import picture_shrinks
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.frame_rule import FrameRule


def arguments(call: Call) -> dict[str, Any]:
    """The text once for each frame, which this model leaves to its caller."""
    return {"encoder_hidden_states": call.text.tokens.repeat_interleave(call.z.shape[2], dim=0)}


def refuses(configs: Configs) -> str | None:
    """SDXL and IP-adapter variants want more than a text."""
    if configs.denoiser.get("addition_embed_type") is not None or configs.denoiser.get("encoder_hid_dim_type"):
        return "it wants sizes or a picture beside the text (SDXL, IP-adapter), which is not supported"
    return None


FAMILY = Family(
    name="animatediff",
    title="AnimateDiff (UNetMotionModel)",
    references=(
        "@inproceedings{guo2024animatediff, title={AnimateDiff: Animate Your Personalized Text-to-Image Diffusion "
        "Models without Specific Tuning}, author={Guo, Yuwei and Yang, Ceyuan and Rao, Anyi and others}, "
        "booktitle={ICLR}, year={2024}}",
    ),
    denoiser_class="UNetMotionModel",
    denoiser_folder="unet",
    decoder_class="AutoencoderKL",
    codec=FrameCodec(),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=lambda configs: FrameRule(most=int(configs.denoiser["motion_max_seq_length"])),
    shrinks=picture_shrinks,
    patch=lambda _: 1,
    normal=by_factor,
    schedule=discrete,
    predicts=prediction,
    time=timestep,
    arguments=arguments,
    refuses=refuses,
)
