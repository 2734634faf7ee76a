"""Small architectures of HunyuanVideo."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "hunyuan": Architecture(
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
        latent=(4, 3, 2, 4),
    ),
}
