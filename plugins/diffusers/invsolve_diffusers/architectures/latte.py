"""Small architectures of Latte."""

from collections.abc import Mapping
from typing import Final

from invsolve_diffusers.architectures.architecture import DDIM, PICTURES, Architecture

TINY: Final[Mapping[str, Architecture]] = {
    "latte": Architecture(
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
        latent=(4, 4, 2, 4),
    ),
}
