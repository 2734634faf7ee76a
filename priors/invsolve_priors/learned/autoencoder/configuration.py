"""`AutoencoderConfiguration`: the sizes of an autoencoder, and those that have a name."""

from typing import Final, final

import attrs

from invsolve.errors import ComponentError


@final
@attrs.frozen
class AutoencoderConfiguration:
    """Sizes of an `Autoencoder`; its spatial factor is ``2 ** len(widths)``.

    Attributes:
        channels: of a video.
        latent_channels: of its latent.
        widths: channels at 1/2, 1/4, 1/8, ... of the resolution.
        encoder_blocks: residual blocks at each of these resolutions.
        decoder_blocks: residual blocks at each of these resolutions.

    Raises:
        ComponentError: where the three lists differ in length, or for widths that are not multiples of 8.
    """

    channels: int = 3
    latent_channels: int = 12
    widths: tuple[int, ...] = (32, 64, 160)
    encoder_blocks: tuple[int, ...] = (1, 1, 2)
    decoder_blocks: tuple[int, ...] = (1, 2, 3)

    def __attrs_post_init__(self) -> None:
        if not self.widths or any(width < 8 or width % 8 for width in self.widths):
            raise ComponentError(f"the widths of an autoencoder must be multiples of 8, got {self.widths}.")
        if not len(self.widths) == len(self.encoder_blocks) == len(self.decoder_blocks):
            raise ComponentError(
                f"an autoencoder needs as many numbers of blocks as widths {self.widths}, got encoder_blocks"
                f" {self.encoder_blocks} and decoder_blocks {self.decoder_blocks}."
            )

    @property
    def factor(self) -> int:
        """Pixels along one side of a latent's place."""
        return 1 << len(self.widths)


AUTOENCODERS: Final[dict[str, AutoencoderConfiguration]] = {
    "tiny": AutoencoderConfiguration(widths=(8, 16, 16), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1)),
    "small": AutoencoderConfiguration(),
    "base": AutoencoderConfiguration(widths=(64, 128, 256), encoder_blocks=(1, 2, 2), decoder_blocks=(2, 2, 3)),
    # the factor 4 and 3 channels of the source paper's code
    "factor_4": AutoencoderConfiguration(
        latent_channels=3, widths=(128, 256), encoder_blocks=(2, 2), decoder_blocks=(3, 3)
    ),
}
