"""Where runs of the command line lie, for its tests."""

import xarray as xr


def runs(folder, name="recipe"):
    return sorted(path for path in (folder / "runs" / name).glob("*"))


def only(folder, name="recipe"):
    (path,) = runs(folder, name)
    return path


def only_line(text):
    (line,) = text.strip().splitlines()
    return line


def video(path):
    with xr.open_dataset(path / "solution.nc", engine="h5netcdf") as dataset:
        return dataset["video"].values
