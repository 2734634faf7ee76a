"""`Published`: what is known of a checkpoint on the hub without its files."""

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

PICTURES: Final = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
    "scaling_factor": 0.18215,
}


@final
@attrs.frozen(eq=False)
class Published:
    """A checkpoint on the hub: where its configs differ from the defaults of their classes in diffusers."""

    denoiser_class: str
    denoiser: Mapping[str, Any]
    decoder_class: str
    decoder: Mapping[str, Any]
    scheduler: Mapping[str, Any]
