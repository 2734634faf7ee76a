"""The most memory that one input may take."""

from pathlib import Path
from typing import Final

from invsolve.errors import ReadError

LARGEST: Final = 8 * 2**30
"""Bytes of decoded values."""


def require_room(path: Path, shape: tuple[int, ...], bytes_per_value: int, way_out: str) -> None:
    """Raise `ReadError` where an array of `shape` would take more than `LARGEST`; `way_out` is the advice."""
    wanted = bytes_per_value
    for size in shape:
        wanted *= size
    if wanted > LARGEST:
        sizes = "x".join(map(str, shape))
        raise ReadError(
            f"{path} is too large to be read: {sizes} values take {wanted / 2**30:.1f} GiB, and the limit is"
            f" {LARGEST / 2**30:.1f} GiB. {way_out}"
        )
