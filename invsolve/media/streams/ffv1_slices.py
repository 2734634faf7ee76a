"""The checksums of FFV1's slices, at which FFmpeg looks without a word to its caller."""

import zlib
from typing import Final

# CRC-32 with the highest bit first is zlib's of bytes that are written backwards
_BACKWARDS: Final = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_TRAILER: Final = 8  # 3 bytes of size, 1 of status, 4 of checksum
# start of the register and what is left in it, by the version of the checksum
_SUMS: Final = ((0, 0), (0x8CD88196, 0x7A8C4079))


def slices(packet: bytes) -> list[bytes] | None:
    """The slices of a frame with their trailers, last first; None where they have no checksums."""
    found, end = [], len(packet)
    while end > 0:
        size = int.from_bytes(packet[end - _TRAILER : end - 5], "big") + _TRAILER if end > _TRAILER else end + 1
        if size > end:
            return None
        found.append(packet[end - size : end])
        end -= size
    return found


def is_intact(slice_: bytes) -> bool:
    """True if the checksum of a slice is right.

    References:
        RFC 9043, section 4.9.3 and 4.2.3.
    """
    backwards = slice_.translate(_BACKWARDS)
    return any(_register(backwards, start) == rest for start, rest in _SUMS)


def _register(backwards: bytes, start: int) -> int:
    mirrored = int(f"{start:032b}"[::-1], 2)
    left = zlib.crc32(backwards, mirrored ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{left:032b}"[::-1], 2)
