"""Small architectures of Wan 2.1."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "wan": Architecture(
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
        latent=(16, 3, 2, 2),
    ),
}
