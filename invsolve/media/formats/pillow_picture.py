"""PNG, JPEG, WebP, BMP, JPEG 2000, AVIF and whatever else Pillow reads, at full depth."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final

import attrs
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from invsolve.errors import OtherFormat, ReadError
from invsolve.media.formats.declared import declared_primaries, declared_transfer
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.deep import deep_pixels, nclx
from invsolve.media.formats.png_chunks import PngLight, read_light
from invsolve.media.formats.stored import Numbers, Stored, upright
from invsolve.media.memory_limit import require_room
from invsolve.video.primaries import PRIMARIES

ANIMATED: Final = ("GIF", "PNG", "WEBP", "AVIF")
_GREY_MODES: Final = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "F")
_INTEROPERABILITY_INDEX: Final = 1
_ADOBE_RGB: Final = "R03"
_ADOBE_GAMMA: Final = "gamma:2.199"
_LIMIT: Final = Lock()


def open_picture(stream: IO[bytes]) -> Image.Image:
    """The picture of a file by Pillow, of any size: `require_room` is what guards the memory here.

    Raises:
        UnidentifiedImageError: where no decoder of Pillow knows the file.
    """
    Image.init()
    head = stream.read(16)
    for name in Image.ID:
        factory, accept = Image.OPEN[name]
        if accept is not None and (not (accepted := accept(head)) or isinstance(accepted, str)):
            continue
        stream.seek(0)
        try:
            with _any_size():
                return factory(stream, "")
        except (SyntaxError, IndexError, TypeError, KeyError, EOFError, struct.error):
            continue
    raise UnidentifiedImageError("no decoder knows it")


@contextmanager
def _any_size() -> Iterator[None]:
    """Without the limit that decoders of some formats, WebP among them, apply by themselves."""
    with _LIMIT:
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def read_with_pillow(path: Path) -> Stored:
    """The picture of a file; raises `UnidentifiedImageError` for what is none, and `ReadError` for damage."""
    with path.open("rb") as stream, quiet(), decoding(path, "Pillow"), open_picture(stream) as image:
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format in ANIMATED:
            raise OtherFormat(f"{path} is an animation of {frames} frames. Write `read: video`.")
        require_room(path, (image.height, image.width, 3), 2, "Cut or scale it down first.")
        light = read_light(path) if image.format == "PNG" else None
        stored = _stored(image, path, light)
    if frames > 1:
        return attrs.evolve(stored, notes=(*stored.notes, f"the first of the {frames} pictures in the file is read"))
    return stored


def quiet() -> AbstractContextManager[Any]:
    """Around Pillow's decoders, whose warnings about metadata say nothing of the pixels."""
    return warnings.catch_warnings(action="ignore")


def _stored(image: Image.Image, path: Path, light: PngLight | None) -> Stored:
    exif = image.getexif()
    orientation = exif.get(ExifTags.Base.Orientation, 1)
    found = deep_pixels(image, path, light.bits if light else None)
    if found is None:
        image.load()
        pixels, white = _plain(image, path), None
    else:
        pixels, white = found
    pixels = upright(pixels, orientation if orientation in range(1, 9) else 1)
    cmyk = image.mode == "CMYK"
    colours = 4 if cmyk else (3 if pixels.shape[-1] >= 3 else 1)
    transfer, primaries = (light.transfer, light.primaries) if light else (None, None)
    icc = light.icc if light else image.info.get("icc_profile")
    if not icc and _interoperability(exif) == _ADOBE_RGB:
        transfer, primaries = _ADOBE_GAMMA, PRIMARIES["adobe-rgb"]
    if image.format == "AVIF" and (coded := nclx(path)) is not None:
        transfer, primaries = declared_transfer(coded[1], path), declared_primaries(coded[0], path)
    return Stored(
        pixels=pixels[..., :colours],
        opacity=pixels[..., colours:] if pixels.shape[-1] > colours else None,
        white=white,
        transfer=transfer,
        primaries=primaries,
        icc=icc or None,
        format=str(image.format),
    )


def _interoperability(exif: Image.Exif) -> Any:
    """What a camera says of the colours it used, or None."""
    try:
        return exif.get_ifd(ExifTags.IFD.Interop).get(_INTEROPERABILITY_INDEX)
    except KeyError:  # up to Pillow 12, where there is no such part
        return None


def _plain(image: Image.Image, path: Path) -> Numbers:
    if image.mode == "I":
        raise ReadError(f"{path} holds 32 bit integers. Store 8 or 16 bits per value, or floats in [0, 1].")
    if image.mode == "La":
        image = image.convert("LA")
    elif image.mode not in (*_GREY_MODES, "RGB", "RGBA", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.has_transparency_data and image.mode in ("1", "L", "RGB"):
        image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels
