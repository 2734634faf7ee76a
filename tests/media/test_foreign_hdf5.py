"""NetCDF and HDF5 files of other programs: attributes in words, fill values, and axes without names."""

import h5py
import numpy as np
import pytest
import torch
import xarray as xr

from invsolve.errors import ChoiceNeeded, ReadError
from invsolve.media import NetCDFReader, ReadContext

CONTEXT = ReadContext()
LEVELS = np.random.default_rng(0).integers(1, 65535, (3, 3, 5, 6), dtype=np.uint16)
DIMS = ("frame", "channel", "y", "x")


def read(path, **fields):
    return NetCDFReader(path=path, **fields).read(CONTEXT)


def write(path, values=LEVELS, encoding=None, **attributes):
    array = xr.DataArray(values, dims=DIMS, attrs=attributes)
    array.to_dataset(name="video").to_netcdf(path, engine="h5netcdf", encoding={"video": encoding or {}})
    return path


@pytest.mark.parametrize("stated", ["25 fps", "fast", "1/25"])
def test_a_frame_rate_in_words_is_named(tmp_path, stated):
    path = write(tmp_path / "a.nc", frame_rate=stated)
    with pytest.raises(
        ChoiceNeeded, match=rf"frame_rate '{stated}', expected a number.* Write `frame_rate:`"
    ) as refused:
        read(path)
    assert refused.value.field == "frame_rate"
    assert read(path, frame_rate=25.0).space.frame_rate == 25.0


@pytest.mark.parametrize("stated", ["25", 25, np.float32(25)])
def test_a_frame_rate_that_is_a_number(tmp_path, stated):
    assert read(write(tmp_path / "a.nc", frame_rate=stated)).space.frame_rate == 25.0


@pytest.mark.parametrize("name", ["_FillValue", "missing_value"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_fill_value_that_nothing_has(tmp_path, name, kind):
    values = LEVELS if kind == np.uint16 else (LEVELS >> 9).astype(np.uint8)
    fill = {name: kind(np.iinfo(kind).max)}
    filled = write(tmp_path / "a.nc", values, encoding=fill if name == "_FillValue" else None)
    if name == "missing_value":
        with h5py.File(filled, "r+") as file:
            file["video"].attrs[name] = fill[name]
    plain = read(write(tmp_path / "b.nc", values)).video
    assert torch.equal(read(filled).video, plain)
    torch.testing.assert_close(plain[0, :, 0], torch.from_numpy(values[0] / np.iinfo(kind).max).float())


def test_values_that_are_missing_are_counted(tmp_path):
    holes = LEVELS.copy()
    holes[0, 0, 0, :2] = 0
    path = write(tmp_path / "a.nc", holes, encoding={"_FillValue": np.uint16(0)})
    with pytest.raises(ReadError, match=r"lacks 2 of 270 values \(_FillValue 0\). Fill them in"):
        read(path)


def test_packed_values_are_unpacked(tmp_path):
    path = write(tmp_path / "a.nc")
    with h5py.File(path, "r+") as file:
        file["video"].attrs["scale_factor"] = 0.5 / 65535
        file["video"].attrs["add_offset"] = 0.25
    expected = torch.from_numpy(LEVELS.astype(np.float64) * 0.5 / 65535 + 0.25).movedim(1, 0).float()
    torch.testing.assert_close(read(path).video[0], expected)


@pytest.mark.parametrize("axes", ["t c h w", "t h w c", "h w c t", "c t w h"])
def test_axes_without_names(tmp_path, axes):
    order = [["t", "c", "h", "w"].index(axis) for axis in axes.split()]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["video"] = (LEVELS / 65535).astype(np.float32).transpose(order)
    with pytest.raises(ChoiceNeeded, match=r"has the axes .* Write `axes:` for what they are, like 't c h w'"):
        read(tmp_path / "a.h5")
    found = read(tmp_path / "a.h5", axes=axes).video[0].movedim(0, 1)
    np.testing.assert_allclose(found, LEVELS / 65535, atol=1e-7)


def test_axes_that_were_named_are_not_advised_again(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["video"] = np.zeros((3, 4), np.float32)
    with pytest.raises(ReadError, match=r"has shape \(3, 4\), which is not 't c h w'") as refused:
        read(tmp_path / "a.h5", axes="t c h w")
    assert "Write `axes:`" not in str(refused.value)
