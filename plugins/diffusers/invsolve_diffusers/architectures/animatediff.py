"""Small architectures of AnimateDiff."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import BETAS, DDIM, PICTURES, Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "animatediff": Architecture(
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
        latent=(4, 3, 2, 2),
    ),
}
