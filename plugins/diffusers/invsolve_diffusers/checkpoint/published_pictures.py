"""Facts of published models of pictures."""

from collections.abc import Mapping
from typing import Any, Final

from invsolve_diffusers.checkpoint.published_facts import PICTURES, Published

STABLE_DIFFUSION_NOISE: Final = {
    "_class_name": "PNDMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "skip_prk_steps": True,
    "steps_offset": 1,
}
XL: Final = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
SIXTEEN: Final = {**PICTURES, "latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False}


def _stable_diffusion(denoiser: Mapping[str, Any], **noise: Any) -> Published:
    return Published(
        "UNet2DConditionModel",
        {"sample_size": 64, **denoiser},
        "AutoencoderKL",
        PICTURES,
        {**STABLE_DIFFUSION_NOISE, **noise},
    )


def _flux(shift: Mapping[str, Any], guidance: bool) -> Published:
    return Published(
        "FluxTransformer2DModel",
        {"guidance_embeds": guidance},
        "AutoencoderKL",
        {**SIXTEEN, "scaling_factor": 0.3611, "shift_factor": 0.1159},
        {"_class_name": "FlowMatchEulerDiscreteScheduler", **shift},
    )


_SECOND: Final = {
    "attention_head_dim": (5, 10, 20, 20),
    "cross_attention_dim": 1024,
    "use_linear_projection": True,
}

PICTURE_MODELS: Final[Mapping[str, Published]] = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": _stable_diffusion({"cross_attention_dim": 768}),
    "stabilityai/stable-diffusion-2-1-base": _stable_diffusion(_SECOND),
    "stabilityai/stable-diffusion-2-1": _stable_diffusion(
        {**_SECOND, "sample_size": 96}, _class_name="DDIMScheduler", prediction_type="v_prediction"
    ),
    "stabilityai/stable-diffusion-xl-base-1.0": Published(
        "UNet2DConditionModel",
        XL,
        "AutoencoderKL",
        {**PICTURES, "sample_size": 1024, "scaling_factor": 0.13025},
        {**STABLE_DIFFUSION_NOISE, "_class_name": "EulerDiscreteScheduler"},
    ),
    "black-forest-labs/FLUX.1-dev": _flux({"shift": 3.0, "use_dynamic_shifting": True}, True),
    "black-forest-labs/FLUX.1-schnell": _flux({"shift": 1.0}, False),
}
