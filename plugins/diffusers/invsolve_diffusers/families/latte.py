"""The family `latte`: Latte text-to-video."""

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
    """The text."""
    return {"encoder_hidden_states": call.text.tokens}


def length(configs: Configs) -> FrameRule:
    """The table of temporal positions is added whole: one length."""
    frames = int(configs.denoiser["video_length"])
    return FrameRule(step=frames, most=frames)


FAMILY = Family(
    name="latte",
    title="Latte",
    references=(
        "@article{ma2025latte, title={Latte: Latent Diffusion Transformer for Video Generation}, "
        "author={Ma, Xin and Wang, Yaohui and Chen, Xinyuan and others}, journal={TMLR}, year={2025}}",
    ),
    denoiser_class="LatteTransformer3DModel",
    decoder_class="AutoencoderKL",
    codec=FrameCodec(),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=length,
    shrinks=picture_shrinks,
    patch=lambda configs: int(configs.denoiser["patch_size"]),
    normal=by_factor,
    schedule=discrete,
    predicts=prediction,
    time=timestep,
    arguments=arguments,
)
