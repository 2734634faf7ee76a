"""`ClipTaking`: what a reader is told to take a clip for, where that is not left to the file."""

from typing import Literal, final

import attrs

from invsolve.media.opacity import Alpha
from invsolve.media.picture import Channels, Taking
from invsolve.media.streams.colour import MatrixName, RangeName
from invsolve.media.streams.frame_times import Resample
from invsolve.media.values import Outside

Interlaced = Literal["refuse", "split", "keep"]
Pixels = Literal["square", "stored"]
Orientation = Literal["upright", "stored"]
Pages = Literal["frames"]


@final
@attrs.frozen
class ClipTaking:
    """The fields of `VideoReader` that concern light, time and geometry; see there."""

    channels: Channels = "auto"
    alpha: Alpha = "refuse"
    transfer: str | None = None
    primaries: str | None = None
    matrix: MatrixName | None = None
    span: RangeName | None = None
    frame_rate: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    resample: Resample | None = None
    interlaced: Interlaced = "refuse"
    orientation: Orientation = "upright"
    pixels: Pixels = "square"
    stream: int | None = None
    white: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    outside: Outside | None = None
    pages: Pages | None = None

    @property
    def of_pictures(self) -> Taking:
        """The part that still pictures know too."""
        return Taking(self.channels, self.alpha, self.transfer, self.primaries, self.white, self.outside)
