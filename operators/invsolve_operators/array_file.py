"""Arrays from files: numpy, images, Matlab and plain text."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from invsolve.errors import ComponentError, ReadError, did_you_mean

Array = np.ndarray[Any, np.dtype[np.float64]]
SUFFIXES = (".npy", ".npz", ".mat", ".png", ".tif", ".tiff", ".txt", ".csv")


def read_array(path: Path, variable: str | None = None, index: int | None = None) -> Array:
    """A float64 array from a ``.npy, .npz, .mat, .png, .tif, .txt`` or ``.csv`` file.

    - ``variable``: which array of an ``.npz`` or ``.mat`` file; needed where it holds several.
    - ``index``: which entry along the first axis, or which cell of a Matlab cell array; by default the whole array.

    Images keep their integer values; colour is averaged to grey. Matlab files may be of any version.

    Raises `ReadError` for a file that is missing or not readable, `ComponentError` for a name or index it lacks.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ReadError(
            f"{path}: cannot read a {path.suffix or 'nameless'} file as an array; use {', '.join(SUFFIXES)}."
        )
    try:
        found = _read(path, variable)
    except FileNotFoundError as error:
        raise ReadError(f"{path}: no such file.") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise ReadError(f"{path}: not a readable {path.suffix} file: {error}") from error
    if index is not None:
        if not -len(found) <= index < len(found):
            raise ComponentError(f"index {index} is out of range: {path} holds {len(found)} entries.")
        found = found[index]
    elif isinstance(found, list):
        raise ComponentError(f"{path} holds {len(found)} arrays; choose one with index (0 to {len(found) - 1}).")
    try:
        array = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ReadError(f"{path}: not an array of numbers: {error}") from error
    if array.size == 0 or not np.isfinite(array).all():
        raise ReadError(f"{path}: the array is empty or has values that are not finite (shape {array.shape}).")
    return array


def _read(path: Path, variable: str | None) -> Any:
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return np.load(path, allow_pickle=False)
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return archive[_choose(path, list(archive.files), variable)]
    if suffix == ".mat":
        return _read_matlab(path, variable)
    if suffix in (".txt", ".csv"):
        return np.loadtxt(path, delimiter="," if suffix == ".csv" else None)
    return _read_image(path)


def _read_image(path: Path) -> Array:
    from PIL import Image

    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB") if image.mode in ("P", "RGBA", "CMYK") else image, dtype=np.float64)
    return pixels.mean(axis=2) if pixels.ndim == 3 else pixels


def _choose(path: Path, names: list[str], variable: str | None) -> str:
    if variable is None and len(names) == 1:
        return names[0]
    if variable is None:
        raise ComponentError(f"{path} holds {', '.join(names) or 'no arrays'}; choose one with variable.")
    if variable not in names:
        hint = did_you_mean(variable, names)
        raise ComponentError(f"{path} holds no variable {variable!r}, only {', '.join(names)}.{hint}")
    return variable


def _read_matlab(path: Path, variable: str | None) -> Any:
    import h5py
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    path.stat()
    if h5py.is_hdf5(path):  # from version 7.3 on
        return _read_matlab_hdf5(path, variable)
    try:
        contents = loadmat(path)
    except (MatReadError, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    found = contents[_choose(path, [name for name in contents if not name.startswith("__")], variable)]
    return list(found.ravel(order="F")) if found.dtype == object else found


def _read_matlab_hdf5(path: Path, variable: str | None) -> Any:
    import h5py

    # HDF5 holds Matlab's column-major arrays transposed.
    with h5py.File(path, "r") as contents:
        found = contents[_choose(path, [name for name in contents if not name.startswith("#")], variable)]
        if not isinstance(found, h5py.Dataset):
            raise ValueError(f"{found.name} is a struct, not an array")
        if found.dtype == h5py.ref_dtype:
            return [np.asarray(contents[reference]).T for reference in np.asarray(found).T.ravel(order="F")]
        return np.asarray(found).T
