"""NetCDF files through xarray and h5netcdf."""

import math
from pathlib import Path
from typing import Final

import xarray as xr

from invsolve.files.netcdf_file import write_netcdf

SMALLEST: Final = 2**16
"""Bytes of a variable that is worth compressing."""
CHUNK: Final = 2**22
"""Bytes that are compressed together at most."""


def write_dataset(path: Path, dataset: xr.Dataset, *, replace: bool = False) -> None:
    """Write a NetCDF-4 file, with a hash of its content; whole numbers are compressed, floats are not.

    The last digits of a sample are noise: compressing them takes longer than all else and saves a quarter of the space.

    Raises:
        WriteError: where `path` exists or cannot be written.
        RunFailed: where the disk is full.
    """
    encoding = {
        name: {"zlib": True, "complevel": 1, "chunksizes": _chunks(array)}
        for name, array in dataset.data_vars.items()
        if array.dtype.kind in "iu" and array.nbytes >= SMALLEST
    }
    write_netcdf(path, dataset, encoding, replace=replace)


def _chunks(array: xr.DataArray) -> tuple[int, ...]:
    """As many of the last axes whole as make up a chunk; one at a time of the axes before them."""
    sizes: list[int] = []
    for size in reversed(array.shape):
        room: int = CHUNK // (array.dtype.itemsize * math.prod(sizes))
        sizes.append(max(1, min(size, room)))
    return tuple(reversed(sizes))
