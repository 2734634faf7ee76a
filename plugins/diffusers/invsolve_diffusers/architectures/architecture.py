"""`Architecture`: the smallest sizes at which a family of models still has all of its parts."""

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

BETAS: Final = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
ZERO_SNR: Final = {**BETAS, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
DDIM: Final = {"clip_sample": False, "set_alpha_to_one": True}
PICTURES: Final = {
    "block_out_channels": (4, 4, 4, 4),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 1,
    "latent_channels": 4,
    "norm_num_groups": 2,
    "sample_size": 32,
    "scaling_factor": 0.18215,
}
"""An autoencoder of pictures."""


@final
@attrs.frozen(eq=False, kw_only=True)
class Architecture:
    """The parts of a tiny checkpoint: arguments of the family's classes, the scheduler, and the text it takes.

    Attributes:
        denoiser: arguments of their classes.
        decoder: arguments of their classes.
        scheduler_class: a scheduler of diffusers, and its arguments.
        scheduler: a scheduler of diffusers, and its arguments.
        pipeline: the class of the pipeline, as ``model_index.json`` names it.
        text: tokens and their width; ``mask`` and ``pooled`` where the family takes them.
        clip: frames, height and width [pixels] of a short clip that shows everything.
        latent: ``c t h w`` of its latent.
    """

    denoiser: Mapping[str, Any]
    decoder: Mapping[str, Any]
    scheduler_class: str
    scheduler: Mapping[str, Any]
    pipeline: str
    text: tuple[int, int]
    mask: bool = False
    pooled: int = 0
    clip: tuple[int, int, int] = (9, 16, 32)
    latent: tuple[int, int, int, int]
