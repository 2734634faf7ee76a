"""`new_memory_map`: an array in a file, whose room on the disk is taken at once."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from invsolve.files.atomic import cannot_write


def new_memory_map(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """A new ``.npy`` file of zeros, mapped into memory.

    Raises `DiskFull` where there is no room for it: a disk that fills up later would end the process, and `WriteError`
    where it cannot be written.
    """
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with partial.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, partial.stat().st_size)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    return array
