"""`read_picture`: one still picture from a file, 8 or 16 bit, grey or colour."""

import struct
import warnings
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media.deep_picture import is_deep, read_deep
from invsolve.media.source import require_file
from invsolve.media.values import to_unit

Channels = Literal["auto", "grey", "rgb"]
Alpha = Literal["refuse", "black", "white", "drop"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".ppm", ".pgm", ".gif", ".jp2", ".avif")
LUMINANCE = (0.2126, 0.7152, 0.0722)

_ANIMATED = ("GIF", "PNG", "WEBP")
_GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "F")
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


def read_picture(path: Path, channels: Channels = "auto", alpha: Alpha = "refuse") -> Float[Tensor, "1 c 1 h w"]:
    """Read a picture upright (EXIF orientation applied), float32 in [0, 1].

    - ``channels``: ``auto`` gives 1 channel for a grey picture and 3 for a colour one; ``rgb`` repeats grey three
      times; ``grey`` takes the Rec. 709 luminance of the values.
    - ``alpha``: a picture with transparent pixels is refused, set on ``black`` or ``white``, or its alpha is dropped.

    Raises `ReadError` for what is not there, not a picture, cut short, animated, or transparent without a choice.
    """
    require_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                pixels = _pixels(image, path)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ReadError(f"{path} is too large to be read: {error} Scale it down first.") from error
    except UnidentifiedImageError as error:
        raise ReadError(f"{path} is not a picture that can be read{_guess(path)}.") from error
    except _DECODE_ERRORS as error:
        raise ReadError(f"{path} is damaged or cut short: {error}. Get a complete copy.") from error
    return as_video(with_channels(_opaque(to_unit(pixels, str(path)), alpha, path), channels))


def as_video(pixels: npt.NDArray[np.float32]) -> Float[Tensor, "1 c 1 h w"]:
    """A picture ``h w c`` as a video of one frame."""
    return rearrange(torch.from_numpy(np.ascontiguousarray(pixels)), "h w c -> 1 c 1 h w")


def _pixels(image: Image.Image, path: Path) -> npt.NDArray[np.generic]:
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in _ANIMATED:
        raise ReadError(f"{path} is an animation of {frames} frames. Write `read: video`.")
    if is_deep(image, path):
        return read_deep(image, path)
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "I":
        raise ReadError(f"{path} holds 32 bit integers. Store 8 or 16 bits per value, or floats in [0, 1].")
    if upright.mode not in (*_GREY_MODES, "RGB", "RGBA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    elif upright.mode == "La":
        upright = upright.convert("LA")
    elif upright.has_transparency_data and upright.mode in ("1", "L", "RGB"):
        upright = upright.convert("RGBA" if upright.mode == "RGB" else "LA")
    pixels = np.asarray(upright)
    if pixels.dtype.byteorder == ">":
        pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _opaque(pixels: npt.NDArray[np.float32], alpha: Alpha, path: Path) -> npt.NDArray[np.float32]:
    if pixels.shape[-1] in (1, 3):
        return pixels
    colour, opacity = pixels[..., :-1], pixels[..., -1:]
    transparent = int((opacity < 1).sum())
    if transparent == 0 or alpha == "drop":
        return colour
    if alpha == "refuse":
        raise ReadError(
            f"{path} is transparent in {transparent} of {opacity.size} pixels. Write `alpha: white` or `alpha: black`"
            " to set it on a background, or `alpha: drop` to take its colours as they are."
        )
    return colour * opacity + (1 - opacity) * np.float32(alpha == "white")


def with_channels(pixels: npt.NDArray[np.float32], channels: Channels) -> npt.NDArray[np.float32]:
    """Pixels ``h w c`` as ``grey``, as ``rgb``, or as they are (``auto``)."""
    if channels == "rgb" and pixels.shape[-1] == 1:
        return np.repeat(pixels, 3, axis=-1)
    if channels == "grey" and pixels.shape[-1] == 3:
        return pixels @ np.array(LUMINANCE, dtype=np.float32)[:, None]
    return pixels


def _guess(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(32)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"heif"):
        return ": it is a HEIC photograph. Save it as JPEG or PNG"
    if head[4:8] == b"ftyp" or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF"):
        return ": it looks like a video. Write `read: video`"
    if head[:4] == b"PK\x03\x04":
        return ": it looks like a zip archive. For arrays write `read: npz`"
    if head[:8] == b"\x89HDF\r\n\x1a\n":
        return ": it looks like HDF5. Write `read: netcdf`"
    return f": it begins with {head[:8]!r}. Known formats: {', '.join(s[1:] for s in SUFFIXES)}"
