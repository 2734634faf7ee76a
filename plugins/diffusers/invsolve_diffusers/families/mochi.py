"""The family `mochi`: Mochi 1, which counts time backwards."""

import math
from typing import Any

from invsolve.schedule import NoiseLevel
from invsolve_diffusers.families.noise import flow
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule


def arguments(call: Call) -> dict[str, Any]:
    """Text and its mask."""
    return {"encoder_hidden_states": call.text.tokens, "encoder_attention_mask": call.mask}


def backwards(level: NoiseLevel) -> float:
    """0 for noise, 1000 for a clean latent."""
    return 1000 * (1 - level.time)


def statistics(vae: Any) -> Affine:
    """``z = (raw - mean) factor / std``, or by the factor alone."""
    config = vae.config
    if config.latents_mean is None or config.latents_std is None:
        return 0.0, config.scaling_factor
    return config.latents_mean, [config.scaling_factor / std for std in config.latents_std]


def time_shrinks(configs: Configs) -> int:
    """Video frames for each latent frame."""
    return math.prod(configs.decoder["temporal_expansions"])


FAMILY = Family(
    name="mochi",
    title="Mochi 1",
    references=(
        "@misc{genmo2024mochi, title={Mochi 1}, author={{Genmo Team}}, year={2024}, "
        "howpublished={https://github.com/genmoai/models}}",
    ),
    denoiser_class="MochiTransformer3DModel",
    decoder_class="AutoencoderKLMochi",
    codec=WholeCodec(),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=lambda configs: FrameRule(step=time_shrinks(configs), plus=1, ratio=time_shrinks(configs)),
    shrinks=lambda configs: math.prod(configs.decoder["spatial_expansions"]),
    patch=lambda configs: int(configs.denoiser["patch_size"]),
    normal=statistics,
    schedule=flow,
    predicts=lambda _: "reverse_flow",
    time=backwards,
    arguments=arguments,
)
