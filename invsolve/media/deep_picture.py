"""16 bit colour pictures, which Pillow would cut to 8 bits."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from invsolve.errors import ReadError

_BITS_PER_SAMPLE = 258
_FORMATS = {3: "rgb48le", 4: "rgba64le"}


def is_deep(image: Image.Image, path: Path) -> bool:
    """Whether the opened picture has more than 8 bits per value and Pillow has no mode for it."""
    if image.mode not in ("RGB", "RGBA", "LA"):
        return False
    if image.format == "PNG":
        with path.open("rb") as stream:
            # signature 8, chunk length and type 8, width and height 8, then the bit depth
            return stream.read(25)[24] > 8
    if image.format == "TIFF":
        bits: tuple[int, ...] = image.getexif().get(_BITS_PER_SAMPLE, (8,))
        return max(bits) > 8
    return False


def read_deep(image: Image.Image, path: Path) -> npt.NDArray[np.uint16]:
    """Decode through FFmpeg to uint16 ``h w c``, upright; raises `ReadError` where it cannot."""
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration, IndexError) as error:
        raise ReadError(f"{path} is damaged or cut short: {error}. Get a complete copy.") from error
    if frame.is_corrupt:
        raise ReadError(f"{path} is damaged or cut short. Get a complete copy.")
    colour = {"LA": 4, "RGBA": 4}.get(image.mode, 3)
    return upright(frame.to_ndarray(format=_FORMATS[colour]).astype(np.uint16, copy=False), orientation)


def upright(pixels: npt.NDArray[np.uint16], orientation: int) -> npt.NDArray[np.uint16]:
    """Undo an EXIF orientation (1 to 8) of a picture ``h w c``."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
