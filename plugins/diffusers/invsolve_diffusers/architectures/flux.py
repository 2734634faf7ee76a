"""Small architectures of FLUX.1."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import PICTURES, Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "flux": Architecture(
        denoiser={
            "in_channels": 16,
            "num_layers": 1,
            "num_single_layers": 1,
            "attention_head_dim": 8,
            "num_attention_heads": 2,
            "joint_attention_dim": 16,
            "pooled_projection_dim": 8,
            "guidance_embeds": True,
            "axes_dims_rope": (2, 2, 4),
        },
        decoder={**PICTURES, "scaling_factor": 0.36, "shift_factor": 0.12},
        scheduler_class="FlowMatchEulerDiscreteScheduler",
        scheduler={"shift": 3.0, "use_dynamic_shifting": True},
        pipeline="FluxPipeline",
        clip=(1, 16, 32),
        text=(5, 16),
        pooled=8,
        latent=(4, 1, 2, 4),
    ),
}
