"""`AutoencoderSettings`: the part of a training recipe that an autoencoder is trained by."""

from pathlib import Path
from typing import final

import attrs

from invsolve.errors import ComponentError
from invsolve.validators import number, whole
from invsolve_priors.learned.autoencoder.configuration import AUTOENCODERS, AutoencoderConfiguration
from invsolve_priors.training.sizes import sizes_of

count = whole(least=1)


@final
@attrs.frozen(kw_only=True)
class AutoencoderSettings:
    """The settings of `AutoencoderTask`.

    Attributes:
        network: the name of an autoencoder, or its sizes.
        batch: frames a step; three steps of four see crops of ``crop`` pixels around edges instead, as many as cost the
            same.
        crop: height and width of these crops [pixels].
        edge_weight: ``w = 1 + edge_weight g / mean(g)`` with the size ``g`` of the picture's gradient.
        latent_noise: std of noise added to the unit-variance latent, which makes the decoder smooth.
        start: a model file whose autoencoder, of these sizes, to go on from.
        decoder_only: leave its latents, and so the transformers trained on them, as they are.

    Raises:
        ComponentError: for an unknown name, and for a decoder alone that has no encoder.
    """

    network: str | AutoencoderConfiguration = "small"
    batch: int = attrs.field(default=16, validator=count)
    crop: int = attrs.field(default=32, validator=count)
    edge_weight: float = attrs.field(default=2.0, validator=number(least=0.0))
    latent_noise: float = attrs.field(default=0.03, validator=number(least=0.0))
    start: Path | None = None
    decoder_only: bool = False

    def __attrs_post_init__(self) -> None:
        if self.decoder_only and self.start is None:
            raise ComponentError("training a decoder alone needs `start`, a model file with its encoder.")
        _ = self.sizes  # an unknown name is refused with the recipe

    @property
    def sizes(self) -> AutoencoderConfiguration:
        """The sizes themselves; raises `ComponentError` for an unknown name."""
        if isinstance(self.network, AutoencoderConfiguration):
            return self.network
        return sizes_of("autoencoder", self.network, AUTOENCODERS)
