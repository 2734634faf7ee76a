"""The smallest architecture of each family that still has all of its parts."""

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from invsolve_diffusers.families import animatediff, cogvideox, hunyuan, latte, ltx, mochi, unet3d, wan
from invsolve_diffusers.network.family import Family

BETAS: Final = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
ZERO_SNR: Final = {**BETAS, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
COGVIDEOX_NOISE: Final = {**ZERO_SNR, "timestep_spacing": "trailing"}
DDIM: Final = {"clip_sample": False, "set_alpha_to_one": True}


@final
@attrs.frozen(eq=False, kw_only=True)
class Architecture:
    """What to build: arguments of the classes that the family names, the scheduler, and the text it wants.

    - ``text``: tokens and their width; ``mask`` and ``pooled`` where the family takes them.
    - ``clip``: frames, height and width [pixels] of a short clip that shows everything.
    """

    family: Family
    denoiser: Mapping[str, Any]
    decoder: Mapping[str, Any]
    scheduler_class: str
    scheduler: Mapping[str, Any]
    pipeline: str
    text: tuple[int, int]
    mask: bool = False
    pooled: int = 0
    clip: tuple[int, int, int] = (9, 16, 32)


COGVIDEOX: Final = {
    "num_attention_heads": 2,
    "attention_head_dim": 16,
    "in_channels": 4,
    "out_channels": 4,
    "time_embed_dim": 8,
    "text_embed_dim": 16,
    "num_layers": 2,
    "sample_width": 4,
    "sample_height": 2,
    "sample_frames": 9,
    "max_text_seq_length": 6,
}
COGVIDEOX_DECODER: Final = {
    "block_out_channels": (4, 4, 4, 4),
    "latent_channels": 4,
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "sample_height": 16,
    "sample_width": 32,
}
ROTARY: Final = {**COGVIDEOX, "use_rotary_positional_embeddings": True}
PICTURES: Final = {
    "block_out_channels": (4, 4, 4, 4),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 1,
    "latent_channels": 4,
    "norm_num_groups": 2,
    "sample_size": 32,
    "scaling_factor": 0.18215,
}
UNET3D: Final = {
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": (8, 8),
    "layers_per_block": 1,
    "cross_attention_dim": 16,
    "attention_head_dim": 4,
    "norm_num_groups": 4,
    "sample_size": 4,
}


def _cogvideox(denoiser: Mapping[str, Any], decoder: Mapping[str, Any], snr_shift: float = 1.0) -> Architecture:
    return Architecture(
        family=cogvideox.FAMILY,
        denoiser=denoiser,
        decoder={**COGVIDEOX_DECODER, **decoder},
        scheduler_class="CogVideoXDDIMScheduler",
        scheduler={**COGVIDEOX_NOISE, "snr_shift_scale": snr_shift},
        pipeline="CogVideoXPipeline",
        text=(6, 16),
    )


def _unet3d(blocks: Mapping[str, Any], noise: Mapping[str, Any]) -> Architecture:
    return Architecture(
        family=unet3d.FAMILY,
        denoiser={**UNET3D, **blocks},
        decoder=PICTURES,
        scheduler_class="DDIMScheduler",
        scheduler={**noise, **DDIM},
        pipeline="TextToVideoSDPipeline",
        clip=(3, 16, 16),
        text=(5, 16),
    )


TINY: Final[Mapping[str, Architecture]] = {
    "cogvideox": _cogvideox(COGVIDEOX, {}, 3.0),
    "cogvideox-5b": _cogvideox(ROTARY, {"scaling_factor": 0.7}),
    "cogvideox-5b-i2v": _cogvideox(
        {**ROTARY, "in_channels": 8, "use_learned_positional_embeddings": True}, {"scaling_factor": 0.7}
    ),
    "cogvideox-1.5": _cogvideox(
        {**ROTARY, "patch_size_t": 2, "patch_bias": False, "sample_height": 8, "sample_width": 8},
        {"scaling_factor": 0.7},
    ),
    "cogvideox-1.5-i2v": _cogvideox(
        {
            **ROTARY,
            "in_channels": 8,
            "patch_size_t": 2,
            "patch_bias": False,
            "sample_height": 8,
            "sample_width": 8,
            "ofs_embed_dim": 8,
        },
        {"scaling_factor": 0.7, "invert_scale_latents": True},
    ),
    "unet3d": _unet3d(
        {
            "down_block_types": ("CrossAttnDownBlock3D", "DownBlock3D"),
            "up_block_types": ("UpBlock3D", "CrossAttnUpBlock3D"),
        },
        {**BETAS, "prediction_type": "epsilon"},
    ),
    "tft2v": _unet3d(
        {
            "down_block_types": ("DownBlock3D", "CrossAttnDownBlock3D"),
            "up_block_types": ("CrossAttnUpBlock3D", "UpBlock3D"),
        },
        ZERO_SNR,
    ),
    "wan": Architecture(
        family=wan.FAMILY,
        denoiser={
            "num_attention_heads": 2,
            "attention_head_dim": 12,
            "text_dim": 16,
            "freq_dim": 16,
            "ffn_dim": 16,
            "num_layers": 2,
            "rope_max_seq_len": 32,
        },
        decoder={"base_dim": 4, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1},
        scheduler_class="UniPCMultistepScheduler",
        scheduler={"prediction_type": "flow_prediction", "use_flow_sigmas": True, "flow_shift": 3.0},
        pipeline="WanPipeline",
        clip=(9, 16, 16),
        text=(5, 16),
    ),
    "ltx": Architecture(
        family=ltx.FAMILY,
        denoiser={
            "in_channels": 8,
            "out_channels": 8,
            "num_attention_heads": 2,
            "attention_head_dim": 8,
            "cross_attention_dim": 16,
            "num_layers": 2,
            "caption_channels": 16,
        },
        decoder={
            "latent_channels": 8,
            "block_out_channels": (8, 8, 8, 8),
            "decoder_block_out_channels": (8, 8, 8, 8),
            "layers_per_block": (1, 1, 1, 1, 1),
            "decoder_layers_per_block": (1, 1, 1, 1, 1),
        },
        scheduler_class="FlowMatchEulerDiscreteScheduler",
        scheduler={"use_dynamic_shifting": True, "base_shift": 0.95, "max_shift": 2.05},
        pipeline="LTXPipeline",
        clip=(9, 32, 64),
        text=(5, 16),
        mask=True,
    ),
    "hunyuan": Architecture(
        family=hunyuan.FAMILY,
        denoiser={
            "in_channels": 4,
            "out_channels": 4,
            "num_attention_heads": 2,
            "attention_head_dim": 10,
            "num_layers": 1,
            "num_single_layers": 1,
            "num_refiner_layers": 1,
            "mlp_ratio": 2.0,
            "text_embed_dim": 16,
            "pooled_projection_dim": 8,
            "rope_axes_dim": (2, 4, 4),
        },
        decoder={
            "latent_channels": 4,
            "block_out_channels": (4, 4, 4, 4),
            "layers_per_block": 1,
            "norm_num_groups": 2,
        },
        scheduler_class="FlowMatchEulerDiscreteScheduler",
        scheduler={"shift": 7.0},
        pipeline="HunyuanVideoPipeline",
        clip=(9, 16, 32),
        text=(5, 16),
        mask=True,
        pooled=8,
    ),
    "mochi": Architecture(
        family=mochi.FAMILY,
        denoiser={
            "num_attention_heads": 2,
            "attention_head_dim": 8,
            "num_layers": 2,
            "pooled_projection_dim": 16,
            "text_embed_dim": 16,
            "time_embed_dim": 8,
            "max_sequence_length": 5,
        },
        decoder={
            "encoder_block_out_channels": (32, 32, 32, 32),
            "decoder_block_out_channels": (32, 32, 32, 32),
            "layers_per_block": (1, 1, 1, 1, 1),
        },
        scheduler_class="FlowMatchEulerDiscreteScheduler",
        scheduler={"invert_sigmas": True},
        pipeline="MochiPipeline",
        clip=(7, 16, 16),
        text=(5, 16),
        mask=True,
    ),
    "latte": Architecture(
        family=latte.FAMILY,
        denoiser={
            "num_attention_heads": 2,
            "attention_head_dim": 8,
            "in_channels": 4,
            "out_channels": 8,
            "num_layers": 2,
            "cross_attention_dim": 16,
            "attention_bias": True,
            "sample_size": 4,
            "patch_size": 2,
            "activation_fn": "gelu-approximate",
            "num_embeds_ada_norm": 1000,
            "norm_type": "ada_norm_single",
            "norm_elementwise_affine": False,
            "norm_eps": 1e-6,
            "caption_channels": 16,
            "video_length": 4,
        },
        decoder=PICTURES,
        scheduler_class="DDIMScheduler",
        scheduler={"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear", **DDIM},
        pipeline="LattePipeline",
        clip=(4, 16, 32),
        text=(5, 16),
    ),
    "animatediff": Architecture(
        family=animatediff.FAMILY,
        denoiser={
            "sample_size": 4,
            "down_block_types": ("CrossAttnDownBlockMotion", "DownBlockMotion"),
            "up_block_types": ("UpBlockMotion", "CrossAttnUpBlockMotion"),
            "block_out_channels": (8, 8),
            "layers_per_block": 1,
            "norm_num_groups": 4,
            "cross_attention_dim": 16,
            "num_attention_heads": 2,
            "motion_max_seq_length": 8,
            "motion_num_attention_heads": 2,
        },
        decoder=PICTURES,
        scheduler_class="DDIMScheduler",
        scheduler={**BETAS, "beta_schedule": "linear", **DDIM},
        pipeline="AnimateDiffPipeline",
        clip=(3, 16, 16),
        text=(5, 16),
    ),
}
