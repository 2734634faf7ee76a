"""`read_hdf5` and `read_matlab`: everything in a file, read and forgotten, for `try_reading`."""

from pathlib import Path

BYTES: int = 2**28
"""Bytes that are read at a time."""


def read_hdf5(path: Path) -> None:
    """Every attribute and every value of an HDF5 file."""
    import h5py

    def visit(_: str, item: object) -> None:
        if isinstance(item, h5py.HLObject):
            dict(item.attrs)
        if isinstance(item, h5py.Dataset) and item.size:
            rows = max(1, BYTES * item.shape[0] // item.nbytes) if item.ndim and item.nbytes else 1
            for start in range(0, item.shape[0] if item.ndim else 1, rows):
                item[start : start + rows] if item.ndim else item[()]

    with h5py.File(path, "r") as file:
        file.visititems(visit)


def read_matlab(path: Path) -> None:
    """Every array of a Matlab file of the versions before 7.3."""
    from scipy.io import loadmat

    loadmat(path)
