"""NetCDF files through xarray and h5netcdf."""

from pathlib import Path

import xarray as xr

from invsolve.media.atomic_file import atomic


def write_dataset(path: Path, dataset: xr.Dataset, *, replace: bool = False) -> None:
    """Write a compressed NetCDF-4 file; raises `WriteError` where `path` exists or cannot be written."""
    encoding = {name: {"zlib": True, "complevel": 4} for name, array in dataset.data_vars.items() if array.ndim}
    with atomic(path, replace=replace) as temporary:
        dataset.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)
