"""`sizes_of`: shapes and types of the arrays in a NumPy file, from its headers alone."""

from pathlib import Path
from typing import Any, final
from zipfile import ZipFile

import attrs
import numpy as np


@final
@attrs.frozen
class StoredSize:
    """An array as its header describes it: its name, shape, and bytes a value."""

    name: str
    shape: tuple[int, ...]
    bytes_per_value: int


def sizes_of(path: Path) -> tuple[StoredSize, ...]:
    """What a ``.npy`` or ``.npz`` file says that it holds; raises `ValueError`, `OSError` and zipfile's errors."""
    with path.open("rb") as stream:
        if stream.read(2) != b"PK":
            stream.seek(0)
            return (_size("", stream),)
        with ZipFile(stream) as archive:
            found = []
            for name in archive.namelist():
                if name.endswith(".npy"):
                    with archive.open(name) as member:
                        found.append(_size(name.removesuffix(".npy"), member))
            return tuple(found)


def _size(name: str, stream: Any) -> StoredSize:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return StoredSize(name, shape, dtype.itemsize)
