"""What is not installed is named with the extra that installs it."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

EXTRAS: Final[Mapping[str, str]] = {
    "accelerate": "train",
    "av": "video",
    "cv2": "flow",
    "h5netcdf": "netcdf",
    "h5py": "netcdf",
    "imagecodecs": "formats",
    "matplotlib": "plots",
    "netpbmfile": "formats",
    "OpenEXR": "formats",
    "plotly": "plots",
    "rawpy": "raw",
    "skimage": "samples",
    "tifffile": "formats",
    "xarray": "netcdf",
    "zarr": "zarr",
}
"""The extra of this distribution that brings each optional package, by the name it is imported by."""
NETCDF: Final = ("h5netcdf", "h5py", "xarray")
"""What files of labelled arrays take."""


def advice(package: str) -> str:
    """``"`pip install 'invsolve[video]'`"`` for ``av``."""
    return f"`pip install 'invsolve[{EXTRAS[package]}]'`"


def missing_extra(error: BaseException | None) -> str:
    """A sentence on the package that an import failed for, if an extra brings it; empty for any other error."""
    package = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return f"this needs {package}, which is not installed: {advice(package)}." if package in EXTRAS else ""


def lacking(what: str, *packages: str) -> str:
    """A sentence that `what` was left out for want of one of these packages; empty where all are installed."""
    absent = [package for package in packages if find_spec(package) is None]
    return f"{what} left out: {absent[0]} is not installed, {advice(absent[0])} brings it." if absent else ""
