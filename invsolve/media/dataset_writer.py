"""NetCDF files through xarray and h5netcdf."""

from pathlib import Path

import xarray as xr

from invsolve.files.atomic import atomic


def write_dataset(path: Path, dataset: xr.Dataset, *, replace: bool = False) -> None:
    """Write a compressed NetCDF-4 file.

    Raises `WriteError` where `path` exists or cannot be written, `RunFailed` where the disk is full.
    """
    encoding = {name: {"zlib": True, "complevel": 4} for name, array in dataset.data_vars.items() if array.ndim}
    # made in memory first: HDF5 does not survive a disk that fills up under it
    content = dataset.to_netcdf(engine="h5netcdf", encoding=encoding)
    with atomic(path, replace=replace) as temporary:
        temporary.write_bytes(content)
