"""`Signature`: what a file is by its first bytes, whatever it is called."""

from pathlib import Path
from typing import Final, Literal, final

import attrs

from invsolve.errors import ReadError

Decoder = Literal["pillow", "tiff", "ffmpeg"]
HEAD: Final = 16


@final
@attrs.frozen
class Signature:
    """A format that the studio takes.

    A list of what is allowed, since FFmpeg knows formats that are lists of other files to open (HLS, concat), and
    Pillow one that runs another program (EPS).

    Attributes:
        at: Where its mark stands [bytes].
        mark: The bytes.
        decoder: Which library knows its header.
        suffix: What a copy of the file is called.
        mark_2: Another mark, 8 bytes in, where the first alone is that of several formats.
    """

    at: int
    mark: bytes
    decoder: Decoder
    suffix: str
    mark_2: bytes = b""

    def fits(self, head: bytes) -> bool:
        """Whether a file that begins with `head` is of this format."""
        return head[self.at :].startswith(self.mark) and head[8:].startswith(self.mark_2)

    @classmethod
    def of(cls, path: Path, name: str) -> "Signature":
        """The format of a file that its owner calls `name`.

        Raises:
            ReadError: For any other format, naming those that are taken.
        """
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        for known in KNOWN:
            if known.fits(head):
                return known
        if not head:
            raise ReadError(f"{name} is empty (0 bytes).")
        raise ReadError(
            f"{name} begins with {head[:8]!r}, which is none of the formats that the studio takes: PNG, JPEG, TIFF,"
            " WebP, AVIF, BMP and GIF pictures, and MP4, MOV, MKV, WebM and AVI clips."
        )


KNOWN: Final = (
    Signature(0, b"\x89PNG\r\n\x1a\n", "pillow", ".png"),
    Signature(0, b"\xff\xd8\xff", "pillow", ".jpg"),
    Signature(0, b"GIF8", "pillow", ".gif"),
    Signature(0, b"RIFF", "pillow", ".webp", b"WEBP"),
    Signature(4, b"ftyp", "pillow", ".avif", b"avif"),
    Signature(0, b"BM", "pillow", ".bmp"),
    Signature(0, b"II*\x00", "tiff", ".tif"),
    Signature(0, b"MM\x00*", "tiff", ".tif"),
    Signature(0, b"II+\x00", "tiff", ".tif"),
    Signature(0, b"MM\x00+", "tiff", ".tif"),
    Signature(4, b"ftyp", "ffmpeg", ".mp4"),
    Signature(4, b"moov", "ffmpeg", ".mov"),
    Signature(4, b"mdat", "ffmpeg", ".mov"),
    Signature(4, b"wide", "ffmpeg", ".mov"),
    Signature(0, b"\x1aE\xdf\xa3", "ffmpeg", ".mkv"),
    Signature(0, b"RIFF", "ffmpeg", ".avi", b"AVI "),
)
