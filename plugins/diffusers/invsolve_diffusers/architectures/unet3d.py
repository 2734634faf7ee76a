"""Small architectures of ModelScope and TF-T2V."""

from collections.abc import Mapping
from typing import Any, Final

from invsolve_diffusers.architectures.architecture import BETAS, DDIM, PICTURES, ZERO_SNR, Architecture

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


def architecture(blocks: Mapping[str, Any], noise: Mapping[str, Any]) -> Architecture:
    """A 3D-UNet of these blocks, trained to predict this noise."""
    return Architecture(
        denoiser={**UNET3D, **blocks},
        decoder=PICTURES,
        scheduler_class="DDIMScheduler",
        scheduler={**noise, **DDIM},
        pipeline="TextToVideoSDPipeline",
        clip=(3, 16, 16),
        text=(5, 16),
        latent=(4, 3, 2, 2),
    )


TINY: Final[Mapping[str, Architecture]] = {
    "unet3d": architecture(
        {
            "down_block_types": ("CrossAttnDownBlock3D", "DownBlock3D"),
            "up_block_types": ("UpBlock3D", "CrossAttnUpBlock3D"),
        },
        {**BETAS, "prediction_type": "epsilon"},
    ),
    "tft2v": architecture(
        {
            "down_block_types": ("DownBlock3D", "CrossAttnDownBlock3D"),
            "up_block_types": ("CrossAttnUpBlock3D", "UpBlock3D"),
        },
        ZERO_SNR,
    ),
}
