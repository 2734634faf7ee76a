"""Datasets on disk: NetCDF files and Zarr folders, whole or not at all."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import xarray

from invsolve.errors import CapabilityError, ReadError, WriteError
from invsolve.files.atomic import refuse_existing, whole_folder
from invsolve.files.netcdf_file import write_netcdf
from invsolve.files.seal import KEY, check_folder, check_seal, seal_folder

NETCDF: Final = (".nc", ".nc4", ".netcdf", ".h5", ".cdf")
ZARR: Final = ".zarr"
FORMAT: Final = 2  # consolidated metadata is part of this format of Zarr, and of no later one
ADVICE: Final = "Choose a folder that exists, is yours and has space."


def check_name(path: Path) -> None:
    """Raise `WriteError` for a name of another format or one that is taken, `CapabilityError` if Zarr is missing."""
    if path.suffix.lower() not in (*NETCDF, ZARR):
        raise WriteError(
            f"{path}: a solution is saved as NetCDF; call it {path.with_suffix('.nc').name}, or "
            f"{path.with_suffix(ZARR).name} for Zarr."
        )
    _require_zarr(path)
    refuse_existing(path)
    if not path.parent.is_dir():
        raise WriteError(f"{path} cannot be written: No such file or directory. {ADVICE}")


def write(path: Path, dataset: xarray.Dataset) -> None:
    """Write a dataset in the format that its name says; raises as `check_name`, and `RunFailed` on a full disk."""
    check_name(path)
    if path.suffix.lower() == ZARR:
        with whole_folder(path) as temporary:
            dataset.to_zarr(temporary, mode="w", consolidated=True, zarr_format=FORMAT)
            seal_folder(temporary)
        return
    write_netcdf(path, dataset, advice=ADVICE)


def read(path: Path) -> xarray.Dataset:
    """The dataset of a NetCDF file or a Zarr folder, read whole.

    Raises:
        ReadError: where there is none or it is damaged.
        CapabilityError: if Zarr is missing.
    """
    with opened(path) as lazy:
        try:
            return lazy.load()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise _damaged(path, error) from error


def opened(path: Path) -> xarray.Dataset:
    """The dataset, whose values are read when they are asked for; to be closed. Raises as `read`."""
    if not path.exists():
        raise ReadError(f"there is no {path}.")
    _require_zarr(path)
    check = check_folder if path.is_dir() else check_seal
    check(path, f"Copy it again; if it was changed on purpose, take {KEY} out of it.")
    try:
        if path.is_dir():
            return xarray.open_dataset(path, engine="zarr", consolidated=True, chunks=None)
        return xarray.open_dataset(path, engine="h5netcdf")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ReadError:
    said = " ".join(str(error).split())[:200]
    return ReadError(f"{path} is not a NetCDF-4 file or a Zarr folder that can be read, or is damaged: {said}")


def _require_zarr(path: Path) -> None:
    if path.suffix.lower() == ZARR and find_spec("zarr") is None:
        raise CapabilityError(f"{path}: Zarr needs a package of its own: `pip install 'invsolve[zarr]'`.")
