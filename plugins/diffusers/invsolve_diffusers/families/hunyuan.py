"""The family `hunyuan`: HunyuanVideo text-to-video."""

from typing import Any

from invsolve.errors import CapabilityError
from invsolve_diffusers.families.noise import flow, thousandth
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.frame_rule import FrameRule

GUIDANCE = 1000.0  # the distilled guidance scale 1, in the model's thousandths


def arguments(call: Call) -> dict[str, Any]:
    """Text, mask and pooled text; guidance-distilled models are asked for guidance 1."""
    if call.text.pooled is None:
        raise CapabilityError(
            "HunyuanVideo takes a pooled text beside the tokens; a condition holds tokens only. Set `prompt` instead."
        )
    given: dict[str, Any] = {
        "encoder_hidden_states": call.text.tokens,
        "encoder_attention_mask": call.mask,
        "pooled_projections": call.text.pooled,
    }
    if call.configs.denoiser["guidance_embeds"]:
        given["guidance"] = call.z.new_full((len(call.z),), GUIDANCE)
    return given


def refuses(configs: Configs) -> str | None:
    """Image-to-video variants take a picture in two more places."""
    if configs.denoiser.get("image_condition_type") is not None:
        return "it is an image-to-video variant of HunyuanVideo; use the text-to-video checkpoint"
    return None


FAMILY = Family(
    name="hunyuan",
    title="HunyuanVideo",
    references=(
        "@misc{kong2024hunyuanvideo, title={HunyuanVideo: A Systematic Framework For Large Video Generative Models}, "
        "author={Kong, Weijie and Tian, Qi and Zhang, Zijian and others}, year={2024}, eprint={2412.03603}, "
        "archivePrefix={arXiv}}",
    ),
    denoiser_class="HunyuanVideoTransformer3DModel",
    decoder_class="AutoencoderKLHunyuanVideo",
    codec=WholeCodec(),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=lambda configs: FrameRule(
        step=int(configs.decoder["temporal_compression_ratio"]),
        plus=1,
        ratio=int(configs.decoder["temporal_compression_ratio"]),
    ),
    shrinks=lambda configs: int(configs.decoder["spatial_compression_ratio"]),
    patch=lambda configs: int(configs.denoiser["patch_size"]),
    normal=by_factor,
    schedule=flow,
    predicts=lambda _: "flow",
    time=thousandth,
    arguments=arguments,
    refuses=refuses,
)
