"""The chunks of a PNG file: their checksums, and what they declare of light and colour."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

import attrs

from invsolve.errors import ReadError
from invsolve.media.formats.declared import declared_primaries, declared_transfer
from invsolve.video.primaries import Chromaticities

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LIGHT: Final = (b"IHDR", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")


@final
@attrs.frozen
class PngLight:
    """Bits per value, transfer, primaries and ICC profile that a PNG file declares; None for what it does not."""

    bits: int
    transfer: str | None = None
    primaries: Chromaticities | None = None
    icc: bytes | None = None


def read_light(path: Path) -> PngLight:
    """Read the chunks; the first of cICP, iCCP, sRGB and gAMA with cHRM that is there counts.

    Raises:
        ReadError: where a checksum is wrong or the end is missing: decoders show wrong pixels then.

    References:
        W3C PNG specification, third edition, section 4.3 (order of precedence) and 11.3.
    """
    found = {kind: body for kind, body in _chunks(path) if kind in _LIGHT}
    header = found.get(b"IHDR", b"")
    if len(header) != 13:
        raise ReadError(f"{path} is damaged: its header is missing. Get a complete copy.")
    bits = header[8]
    if len(coded := found.get(b"cICP", b"")) == 4:
        primaries, transfer, _, full = coded
        if not full:
            raise ReadError(
                f"{path} holds values of narrow range (cICP), which pictures rarely do. Save it in full range."
            )
        return PngLight(bits, declared_transfer(transfer, path), declared_primaries(primaries, path))
    if b"iCCP" in found:
        name, _, compressed = found[b"iCCP"].partition(b"\0")
        del name
        return PngLight(bits, icc=zlib.decompress(compressed[1:]))
    if b"sRGB" in found:
        return PngLight(bits, "srgb")
    return PngLight(bits, _gamma(found.get(b"gAMA")), _chromaticities(found.get(b"cHRM")))


def _chunks(path: Path) -> Iterator[tuple[bytes, bytes]]:
    with path.open("rb") as stream:
        stream.read(len(SIGNATURE))
        while head := stream.read(8):
            length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"")
            body = stream.read(length)
            checksum = stream.read(4)
            if len(checksum) < 4:
                raise ReadError(f"{path} is damaged or cut short: its last part is incomplete. Get a complete copy.")
            if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(checksum, "big"):
                raise ReadError(
                    f"{path} is damaged: the checksum of its part {kind.decode('ascii', 'replace')} is wrong. Get a"
                    " complete copy."
                )
            yield kind, body
            if kind == b"IEND":
                return
    raise ReadError(f"{path} is damaged or cut short: its end is missing. Get a complete copy.")


def _gamma(body: bytes | None) -> str | None:
    if body is None or len(body) != 4 or not (coded := int.from_bytes(body, "big")):
        return None
    return "linear" if coded == 100_000 else f"gamma:{1e5 / coded:.4g}"


def _chromaticities(body: bytes | None) -> Chromaticities | None:
    if body is None or len(body) != 32:
        return None
    wx, wy, rx, ry, gx, gy, bx, by = (number / 1e5 for number in struct.unpack(">8I", body))
    return ((rx, ry), (gx, gy), (bx, by), (wx, wy))
