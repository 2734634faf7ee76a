"""Small architectures of LTX-Video."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "ltx": Architecture(
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
        latent=(8, 2, 1, 2),
    ),
}
