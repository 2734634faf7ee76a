"""`new_memory_map`, `memory_map`: an array in a file; `synchronise`: what was written is on the disk."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from invsolve.errors import ReadError
from invsolve.files.atomic import cannot_write, fsync


def new_memory_map(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """A new ``.npy`` file of zeros, mapped into memory.

    Raises:
        DiskFull: where there is no room for it: a disk that fills up later would end the process.
        WriteError: where it cannot be written.
    """
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape)
        if sys.platform == "linux":
            with partial.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, partial.stat().st_size)
        synchronise(array, partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    return array


def memory_map(path: Path) -> NDArray[Any]:
    """A ``.npy`` file mapped into memory, for reading and writing; raises `ReadError` for one that is damaged."""
    try:
        np.lib.format.open_memmap(path, mode="r")  # to write, a file that was cut short would be made longer with zeros
        return np.lib.format.open_memmap(path, mode="r+")
    except (ValueError, OSError) as error:
        raise ReadError(f"{path} is damaged ({error}). Remove its folder {path.parent}, to make it again.") from error


def synchronise(array: NDArray[Any], path: Path) -> None:
    """Return when what was written to the array, mapped from `path`, is on the disk.

    Whatever says how much of it is there is to be written after that: a power loss keeps no order of its own.
    """
    if isinstance(array, np.memmap):
        array.flush()
    fsync(path)
