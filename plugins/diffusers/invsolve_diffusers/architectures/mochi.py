"""Small architectures of Mochi 1."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "mochi": Architecture(
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
        latent=(12, 2, 2, 2),
    ),
}
