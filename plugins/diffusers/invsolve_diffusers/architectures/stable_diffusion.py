"""Small architectures of Stable Diffusion 1, 2, XL and 3."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import BETAS, PICTURES, Architecture

UNET: Final = {
    "sample_size": 4,
    "block_out_channels": (8, 8),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "attention_head_dim": 2,
    "cross_attention_dim": 16,
}
STABLE_DIFFUSION: Final[Mapping[str, Architecture]] = {
    "stable_diffusion": Architecture(
        denoiser=UNET,
        decoder=PICTURES,
        scheduler_class="PNDMScheduler",
        scheduler={**BETAS, "skip_prk_steps": True, "steps_offset": 1},
        pipeline="StableDiffusionPipeline",
        clip=(1, 16, 32),
        text=(5, 16),
        latent=(4, 1, 2, 4),
    ),
    "latent_consistency": Architecture(
        denoiser={**UNET, "time_cond_proj_dim": 8},
        decoder=PICTURES,
        scheduler_class="LCMScheduler",
        scheduler=BETAS,
        pipeline="LatentConsistencyModelPipeline",
        clip=(1, 16, 32),
        text=(5, 16),
        latent=(4, 1, 2, 4),
    ),
}
STABLE_DIFFUSION_XL: Final[Mapping[str, Architecture]] = {
    "stable_diffusion_xl": Architecture(
        denoiser={
            **UNET,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 4,
            "projection_class_embeddings_input_dim": 32,
        },
        decoder={**PICTURES, "scaling_factor": 0.5, "latents_mean": (0.1, -0.2, 0.3, 0.0), "latents_std": (1, 2, 3, 4)},
        scheduler_class="EulerDiscreteScheduler",
        scheduler={**BETAS, "steps_offset": 1},
        pipeline="StableDiffusionXLPipeline",
        clip=(1, 16, 32),
        text=(5, 16),
        pooled=8,
        latent=(4, 1, 2, 4),
    ),
}
STABLE_DIFFUSION_3: Final[Mapping[str, Architecture]] = {
    "stable_diffusion_3": Architecture(
        denoiser={
            "sample_size": 4,
            "patch_size": 2,
            "in_channels": 4,
            "out_channels": 4,
            "num_layers": 2,
            "attention_head_dim": 8,
            "num_attention_heads": 2,
            "joint_attention_dim": 16,
            "caption_projection_dim": 16,
            "pooled_projection_dim": 8,
            "pos_embed_max_size": 8,
            "qk_norm": "rms_norm",
        },
        decoder={**PICTURES, "scaling_factor": 1.5, "shift_factor": 0.06, "use_quant_conv": False},
        scheduler_class="FlowMatchEulerDiscreteScheduler",
        scheduler={"shift": 3.0},
        pipeline="StableDiffusion3Pipeline",
        clip=(1, 16, 32),
        text=(5, 16),
        pooled=8,
        latent=(4, 1, 2, 4),
    ),
}
