"""`Stored`: the pixels of a file as they are stored, with their declared meaning."""

from typing import Any, final

import attrs
import numpy as np
import numpy.typing as npt

from invsolve.video.primaries import Chromaticities

Numbers = npt.NDArray[Any]


@final
@attrs.frozen(eq=False, kw_only=True)
class Stored:
    """A picture before its numbers become light.

    Attributes:
        pixels: ``h w c``, upright, of 1 or 3 channels (4 for CMYK), in the number type of the file; 0 is black.
        opacity: ``h w 1`` in the same number type, or None; ``associated`` if colours are multiplied by it.
        white: the number that means 1; None for the largest of an unsigned type, and for floats.
        transfer: what the file declares of them, or None.
        primaries: what the file declares of them, or None.
        icc: what the file declares of them, or None.
        unclipped: whether values beyond 1 are light of their own right, as in OpenEXR.
        format: the format in words.
        notes: what a user should know of how the file was taken.
    """

    pixels: Numbers
    format: str
    opacity: Numbers | None = None
    associated: bool = False
    white: float | None = None
    transfer: str | None = None
    primaries: Chromaticities | None = None
    icc: bytes | None = None
    unclipped: bool = False
    notes: tuple[str, ...] = ()

    @property
    def bits(self) -> int:
        """Bits per value, as far as `white` and the number type tell."""
        if self.white is not None and self.pixels.dtype.kind in "iu":
            return int(np.ceil(np.log2(self.white + 1)))
        return 1 if self.pixels.dtype == np.bool_ else 8 * self.pixels.dtype.itemsize


def upright(pixels: Numbers, orientation: int) -> Numbers:
    """Undo an EXIF orientation (1 to 8) of a picture ``h w c``."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def native(pixels: Numbers) -> Numbers:
    """The same numbers in the byte order of this machine."""
    return pixels if pixels.dtype.isnative else pixels.astype(pixels.dtype.newbyteorder("="))
