"""The blocks of a GIF file: how many pictures it lists, and whether it is whole."""

from pathlib import Path
from typing import IO, Final

from invsolve.errors import ReadError

_EXTENSION: Final = b"\x21"
_PICTURE: Final = b"\x2c"
_END: Final = b"\x3b"


def count_pictures(path: Path) -> int:
    """The number of pictures that the file lists up to its end mark.

    Raises:
        ReadError: where the blocks do not follow on one another, or the end mark is missing: viewers skip over such
            holes, and show fewer pictures.

    References:
        GIF89a specification (CompuServe 1990), sections 15 to 27.
    """
    with path.open("rb") as stream:
        stream.seek(6 + 4)
        flags = stream.read(1)
        stream.seek(2 + _table(flags), 1)
        count = 0
        while (mark := stream.read(1)) != _END:
            if mark == _EXTENSION:
                stream.read(1)
            elif mark == _PICTURE:
                flags = stream.read(9)[-1:]
                stream.seek(_table(flags) + 1, 1)
                count += 1
            else:
                raise ReadError(f"{path} is damaged or cut short after picture {count - 1}. Get a complete copy.")
            _skip(stream)
    return count


def _table(flags: bytes) -> int:
    """Bytes of a colour table."""
    return 3 * 2 ** ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _skip(stream: IO[bytes]) -> None:
    while (length := stream.read(1)) not in (b"", b"\0"):
        stream.seek(length[0], 1)
