"""The family `wan`: Wan 2.1 text-to-video."""

from typing import Any

from invsolve_diffusers.families.noise import flow, thousandth
from invsolve_diffusers.families.scaled import by_statistics
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.wan import WanCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.frame_rule import FrameRule


def arguments(call: Call) -> dict[str, Any]:
    """The text."""
    return {"encoder_hidden_states": call.text.tokens}


def refuses(configs: Configs) -> str | None:
    """Image-to-video and Wan 2.2 take more than a text, or another autoencoder."""
    if configs.denoiser.get("image_dim") is not None or configs.denoiser["in_channels"] != 16:
        return "it is an image-to-video or control variant of Wan; use a text-to-video checkpoint (Wan2.1-T2V)"
    if configs.decoder.get("patch_size") is not None or configs.decoder.get("is_residual"):
        return "it has the autoencoder of Wan 2.2; use a Wan 2.1 checkpoint"
    return None


FAMILY = Family(
    name="wan",
    title="Wan 2.1 text-to-video",
    references=(
        "@misc{wan2025, title={Wan: Open and Advanced Large-Scale Video Generative Models}, author={{Team Wan}}, "
        "year={2025}, eprint={2503.20314}, archivePrefix={arXiv}}",
    ),
    denoiser_class="WanTransformer3DModel",
    decoder_class="AutoencoderKLWan",
    codec=WanCodec(),
    channels=lambda configs: int(configs.decoder["z_dim"]),
    frames=lambda _: FrameRule(step=4, plus=1, ratio=4),
    shrinks=lambda configs: int(configs.decoder["scale_factor_spatial"]),
    patch=lambda configs: int(configs.denoiser["patch_size"][1]),
    normal=by_statistics,
    schedule=flow,
    predicts=lambda _: "flow",
    time=thousandth,
    arguments=arguments,
    refuses=refuses,
)
