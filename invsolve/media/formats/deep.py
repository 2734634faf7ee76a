"""Pictures of more than 8 bits per value in formats that Pillow cuts to 8: PNG, JPEG 2000, AVIF."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from invsolve.files.needs import needs
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.stored import Numbers

_SIZ: Final = b"\xff\x51"
_COLOUR_BOX: Final = b"colrnclx"
_AV1: Final = b"av1C"


def deep_pixels(image: Image.Image, path: Path, png_bits: int | None) -> tuple[Numbers, float] | None:
    """The pixels ``h w c`` and the number that means white; None where 8 bits are all that there is."""
    depths = {"PNG": lambda: png_bits or 8, "JPEG2000": lambda: _jpeg2000_bits(path), "AVIF": lambda: _avif_bits(path)}
    bits = depths[image.format]() if image.format in depths else 8
    if bits <= 8:
        return None
    needs("imagecodecs", f"{path}, of more than 8 bits,")
    import imagecodecs

    decode = {
        "PNG": imagecodecs.png_decode,
        "JPEG2000": imagecodecs.jpeg2k_decode,
        "AVIF": imagecodecs.avif_decode,
    }[str(image.format)]
    with decoding(path, "imagecodecs"):
        pixels = np.asarray(decode(path.read_bytes()))
    return (pixels[..., None] if pixels.ndim == 2 else pixels), float(2**bits - 1)


def nclx(path: Path) -> tuple[int, int] | None:
    """Colour primaries and transfer characteristics (ITU-T H.273) that an AVIF file declares, if it does."""
    head = path.read_bytes()[:65536]
    at = head.find(_COLOUR_BOX)
    if at < 0:
        return None
    body = head[at + len(_COLOUR_BOX) :]
    return int.from_bytes(body[0:2], "big"), int.from_bytes(body[2:4], "big")


def _jpeg2000_bits(path: Path) -> int:
    """Bits per value of the first component: the lower 7 bits of Ssiz, plus 1 (ISO/IEC 15444-1, A.5.1)."""
    with path.open("rb") as stream:
        head = stream.read(65536)
    at = head.find(_SIZ)
    return (head[at + 40] & 0x7F) + 1 if at >= 0 and len(head) > at + 40 else 8


def _avif_bits(path: Path) -> int:
    """8, 10 or 12: the flags high_bitdepth and twelve_bit of av1C (AV1 in ISOBMFF, 2.3.3)."""
    with path.open("rb") as stream:
        head = stream.read(65536)
    at = head.find(_AV1)
    if at < 0 or len(head) < at + 7:
        return 8
    flags = head[at + 6]
    return 8 if not flags & 0x40 else (12 if flags & 0x20 else 10)
