"""NetCDF files through xarray and h5netcdf."""

from pathlib import Path

import xarray as xr

from invsolve.files.netcdf_file import write_netcdf


def write_dataset(path: Path, dataset: xr.Dataset, *, replace: bool = False) -> None:
    """Write a compressed NetCDF-4 file, with a hash of its content.

    Raises:
        WriteError: where `path` exists or cannot be written.
        RunFailed: where the disk is full.
    """
    encoding = {name: {"zlib": True, "complevel": 4} for name, array in dataset.data_vars.items() if array.ndim}
    write_netcdf(path, dataset, encoding, replace=replace)
