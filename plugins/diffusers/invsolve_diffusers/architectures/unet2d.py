"""Small architectures of diffusion and consistency models of pictures, and of latent diffusion behind a VQGAN."""

from collections.abc import Mapping
from typing import Any, Final

from invsolve_diffusers.architectures.architecture import Architecture

UNET2D: Final = {
    "sample_size": 8,
    "block_out_channels": (8, 8),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "attention_head_dim": 4,
}
DDPM: Final[Mapping[str, Architecture]] = {
    "ddpm": Architecture(
        denoiser=UNET2D,
        decoder={},
        scheduler_class="DDPMScheduler",
        scheduler={"clip_sample": False},
        pipeline="DDPMPipeline",
        clip=(1, 8, 12),
        text=(0, 0),
        latent=(3, 1, 8, 12),
    ),
}
_CONSISTENCY: Final[Mapping[str, Any]] = {
    "decoder": {},
    "scheduler_class": "CMStochasticIterativeScheduler",
    "scheduler": {"clip_denoised": False},
    "pipeline": "ConsistencyModelPipeline",
    "clip": (1, 8, 12),
    "text": (0, 0),
    "latent": (3, 1, 8, 12),
}
CONSISTENCY: Final[Mapping[str, Architecture]] = {
    "consistency": Architecture(denoiser={**UNET2D, "resnet_time_scale_shift": "scale_shift"}, **_CONSISTENCY),
    "consistency-classes": Architecture(denoiser={**UNET2D, "num_class_embeds": 1000}, **_CONSISTENCY),
}
LATENT_DIFFUSION: Final[Mapping[str, Architecture]] = {
    "latent_diffusion": Architecture(
        denoiser=UNET2D,
        decoder={
            "block_out_channels": (4, 4, 4),
            "down_block_types": ("DownEncoderBlock2D",) * 3,
            "up_block_types": ("UpDecoderBlock2D",) * 3,
            "norm_num_groups": 2,
            "num_vq_embeddings": 16,
        },
        scheduler_class="DDIMScheduler",
        scheduler={
            "beta_start": 0.0015,
            "beta_end": 0.0195,
            "beta_schedule": "scaled_linear",
            "clip_sample": False,
        },
        pipeline="LDMPipeline",
        clip=(1, 16, 24),
        text=(0, 0),
        latent=(3, 1, 4, 6),
    ),
}
