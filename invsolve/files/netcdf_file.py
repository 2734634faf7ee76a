"""NetCDF files of our own: written whole, with a hash of their content inside."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invsolve.files.atomic import ADVICE, atomic
from invsolve.files.seal import BLANK, KEY, seal

if TYPE_CHECKING:
    from xarray import Dataset


def write_netcdf(
    path: Path,
    dataset: "Dataset",
    encoding: Mapping[Any, Mapping[str, Any]] | None = None,
    *,
    replace: bool = False,
    advice: str = ADVICE,
) -> None:
    """Write a NetCDF-4 file; raises `WriteError` where `path` exists or cannot be written, `DiskFull` without room."""
    import h5py

    # made in memory first: HDF5 ends the interpreter when a disk fills up under it
    content = BytesIO()
    dataset.to_netcdf(content, engine="h5netcdf", encoding=encoding)
    with h5py.File(content, "r+") as file:
        # a group of its own, which nobody carries along who reads the dataset and writes another
        file.create_group(KEY).attrs["sha256"] = BLANK
    with atomic(path, replace=replace, advice=advice) as temporary:
        temporary.write_bytes(content.getbuffer())
        seal(temporary)
