"""Facts of published checkpoints: enough to check a recipe and estimate its memory without their files."""

from collections.abc import Mapping
from typing import Any, Final

from invsolve_diffusers.checkpoint.published_facts import PICTURES, Published
from invsolve_diffusers.checkpoint.published_pictures import PICTURE_MODELS

COGVIDEOX_NOISE: Final = {
    "_class_name": "CogVideoXDDIMScheduler",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}
ROTARY: Final = {"num_attention_heads": 48, "num_layers": 42, "use_rotary_positional_embeddings": True}
PAIRS: Final = {
    **ROTARY,
    "patch_size_t": 2,
    "patch_bias": False,
    "sample_frames": 81,
    "sample_height": 300,
    "sample_width": 300,
}


def _cogvideox(denoiser: Mapping[str, Any], decoder: Mapping[str, Any], snr_shift: float) -> Published:
    noise = {**COGVIDEOX_NOISE, "snr_shift_scale": snr_shift}
    return Published("CogVideoXTransformer3DModel", denoiser, "AutoencoderKLCogVideoX", decoder, noise)


def _wan(denoiser: Mapping[str, Any], shift: float) -> Published:
    noise = {
        "_class_name": "UniPCMultistepScheduler",
        "prediction_type": "flow_prediction",
        "use_flow_sigmas": True,
        "flow_shift": shift,
    }
    return Published("WanTransformer3DModel", denoiser, "AutoencoderKLWan", {}, noise)


_2B = _cogvideox({}, {}, 3.0)
_5B = _cogvideox(ROTARY, {"scaling_factor": 0.7}, 1.0)
_5B_I2V = _cogvideox(
    {**ROTARY, "in_channels": 32, "use_learned_positional_embeddings": True}, {"scaling_factor": 0.7}, 1.0
)
_1_5_5B = _cogvideox(PAIRS, {"scaling_factor": 0.7}, 1.0)
_1_5_5B_I2V = _cogvideox(
    {**PAIRS, "in_channels": 32, "ofs_embed_dim": 512}, {"scaling_factor": 0.7, "invert_scale_latents": True}, 1.0
)
_MODELSCOPE: Final = Published(
    "UNet3DConditionModel",
    {"sample_size": 32},
    "AutoencoderKL",
    PICTURES,
    {
        "_class_name": "DDIMScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "epsilon",
    },
)
_WAN_1_3B: Final = _wan({"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30}, 3.0)
_WAN_14B: Final = _wan({}, 5.0)
_HUNYUAN: Final = Published(
    "HunyuanVideoTransformer3DModel",
    {},
    "AutoencoderKLHunyuanVideo",
    {},
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 7.0},
)

PUBLISHED: Final[Mapping[str, Published]] = {
    **{f"{owner}/CogVideoX-2b": _2B for owner in ("THUDM", "zai-org")},
    **{f"{owner}/CogVideoX-5b": _5B for owner in ("THUDM", "zai-org")},
    **{f"{owner}/CogVideoX-5b-I2V": _5B_I2V for owner in ("THUDM", "zai-org")},
    **{f"{owner}/CogVideoX1.5-5B": _1_5_5B for owner in ("THUDM", "zai-org")},
    **{f"{owner}/CogVideoX1.5-5B-I2V": _1_5_5B_I2V for owner in ("THUDM", "zai-org")},
    **{f"{owner}/text-to-video-ms-1.7b": _MODELSCOPE for owner in ("ali-vilab", "damo-vilab")},
    "Wan-AI/Wan2.1-T2V-1.3B-Diffusers": _WAN_1_3B,
    "Wan-AI/Wan2.1-T2V-14B-Diffusers": _WAN_14B,
    "hunyuanvideo-community/HunyuanVideo": _HUNYUAN,
    **PICTURE_MODELS,
}
