"""The most memory that one input may take."""

from pathlib import Path
from typing import Final

from invsolve.errors import ReadError
from invsolve.files.memory import free_memory

LARGEST: Final = 8 * 2**30
"""Bytes of decoded values."""
SMALL: Final = 2**28
"""Bytes that every machine has."""


def require_room(path: Path, shape: tuple[int, ...], bytes_per_value: int, way_out: str) -> None:
    """Raise `ReadError` where an array of `shape` would take more than `LARGEST`, or than is free.

    Args:
        way_out: the advice.
    """
    wanted = bytes_per_value
    for size in shape:
        wanted *= size
    if wanted <= min(SMALL, LARGEST):
        return
    memory = free_memory()
    free = LARGEST if memory is None else memory.free
    if wanted > min(LARGEST, free):
        sizes = "x".join(map(str, shape))
        limit = (
            f"the limit is {LARGEST / 2**30:.1f} GiB"
            if wanted > LARGEST
            else f"{free / 2**30:.1f} GiB of memory are free"
        )
        raise ReadError(
            f"{path} is too large to be read: {sizes} values take {wanted / 2**30:.1f} GiB, and {limit}. {way_out}"
        )
