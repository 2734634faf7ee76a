"""Arrays from files: numpy, images, Matlab and plain text."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError, ReadError, did_you_mean
from invsolve.files.guarded import try_reading
from invsolve.files.numpy_header import sizes_of
from invsolve.media.memory_limit import require_room

Array: TypeAlias = NDArray[np.float64]
Choose: TypeAlias = Callable[[list[str]], str]  # of the arrays in a file, the one to take

PICTURES: Final = (".png", ".tif", ".tiff")
SUFFIXES: Final = (".npy", ".npz", ".mat", *PICTURES, ".txt", ".csv")


def read_array(
    path: Path,
    variable: str | None = None,
    index: int | None = None,
    *,
    usual: str | None = None,
    colours: bool = False,
) -> Array:
    """A float64 array from a ``.npy, .npz, .mat, .png, .tif, .txt`` or ``.csv`` file.

    Images keep their integer values, 0 being black; transparency is ignored. A picture in colour is an array for each
    of red, green and blue, which `index` chooses; where all three are equal it is grey. Text has rows and columns.
    Matlab files may be of any version.

    Args:
        variable: which array of an ``.npz`` or ``.mat`` file; needed where it holds several.
        index: which entry along the first axis, or which cell of a Matlab cell array; by default the whole array.
        usual: the array to take of several where no `variable` is named.
        colours: whether a picture in colour is an array ``c 1 h w``, where no `index` chooses a colour.

    Raises:
        ReadError: for a file that is missing, not readable, empty, or has values that are not finite.
        ComponentError: for a name or an index that it lacks.
    """
    array = load_array(path, variable, index, usual=usual, colours=colours).astype(np.float64, copy=False)
    if array.size == 0 or not np.isfinite(array).all():
        raise ReadError(f"{path}: the array is empty or has values that are not finite (shape {array.shape}).")
    return array


def load_array(
    path: Path,
    variable: str | None = None,
    index: int | None = None,
    *,
    usual: str | None = None,
    colours: bool = False,
    remedy: str = "choose one with variable",
) -> NDArray[Any]:
    """As `read_array`, with the file's own type of numbers, empty or not finite as they may be.

    Args:
        remedy: what a message advises where a file holds several arrays.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ReadError(
            f"{path}: cannot read a {path.suffix or 'nameless'} file as an array; use {', '.join(SUFFIXES)}."
        )
    try:
        found = _read(path, partial(_choose, path, variable=variable, usual=usual, remedy=remedy))
    except FileNotFoundError:
        raise ReadError(f"there is no file {path}.") from None
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise ReadError(f"{path} is not a readable {path.suffix} file of numbers: {error}") from error
    if index is not None:
        if not -len(found) <= index < len(found):
            raise ComponentError(f"index {index} is out of range: {path} holds {len(found)} entries.")
        found = found[index]
    elif isinstance(found, list) and colours and path.suffix.lower() in PICTURES:
        found = np.stack(found)[:, None]
    elif isinstance(found, list):
        kind = ", being a picture in colour" if path.suffix.lower() in PICTURES else ""
        raise ComponentError(f"{path} holds {len(found)} arrays{kind}; choose one with index (0 to {len(found) - 1}).")
    try:
        array = np.asarray(found)
        return array if array.dtype.kind in "biuf" else array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ReadError(f"{path} does not hold an array of numbers: {error}") from error


def _read(path: Path, choose: Choose) -> Any:
    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        for size in sizes_of(path):
            require_room(path, size.shape, size.bytes_per_value, f"Cut {size.name or 'it'} into smaller files.")
    if suffix == ".npy":
        return np.load(path, allow_pickle=False)
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return archive[choose(list(archive.files))]
    if suffix == ".mat":
        return _read_matlab(path, choose)
    if suffix in (".txt", ".csv"):
        # a digit and a space, at least, for eight bytes
        require_room(path, (path.stat().st_size // 2,), 8, "Save it as .npy.")
        return np.loadtxt(path, delimiter="," if suffix == ".csv" else None, ndmin=2)
    return _read_image(path)


def _read_image(path: Path) -> Array | list[Array]:
    from invsolve.media.picture import read_stored

    pixels = read_stored(path).pixels
    planes = [pixels[..., channel].astype(np.float64) for channel in range(pixels.shape[-1])]
    return planes[0] if all(np.array_equal(plane, planes[0]) for plane in planes) else planes


def _choose(path: Path, names: list[str], *, variable: str | None, usual: str | None, remedy: str) -> str:
    if not names:
        raise ReadError(f"{path} holds no arrays.")
    if variable is None and len(names) == 1:
        return names[0]
    if variable is None and usual in names:
        return str(usual)
    if variable is None and usual is not None:
        raise ReadError(f"{path} holds several arrays and none is called {usual!r}: {', '.join(names)}.")
    if variable is None:
        raise ComponentError(f"{path} holds {', '.join(names)}; {remedy}.")
    if variable not in names:
        hint = did_you_mean(variable, names)
        raise ComponentError(f"{path} holds no variable {variable!r}, only {', '.join(names)}.{hint}")
    return variable


def _read_matlab(path: Path, choose: Choose) -> Any:
    import h5py
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    path.stat()
    hdf5 = h5py.is_hdf5(path)  # from version 7.3 on
    try_reading(path, f"invsolve.files.hdf5_trial:{'read_hdf5' if hdf5 else 'read_matlab'}")
    if hdf5:
        return _read_matlab_hdf5(path, choose)
    try:
        contents = loadmat(path)
    except (MatReadError, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    found = contents[choose([name for name in contents if not name.startswith("__")])]
    return list(found.ravel(order="F")) if found.dtype == object else found


def _read_matlab_hdf5(path: Path, choose: Choose) -> Any:
    import h5py

    # HDF5 holds Matlab's column-major arrays transposed.
    with h5py.File(path, "r") as contents:
        found = contents[choose([name for name in contents if not name.startswith("#")])]
        if not isinstance(found, h5py.Dataset):
            raise ValueError(f"{found.name} is a struct, not an array")
        if found.dtype == h5py.ref_dtype:
            return [np.asarray(contents[reference]).T for reference in np.asarray(found).T.ravel(order="F")]
        return np.asarray(found).T
