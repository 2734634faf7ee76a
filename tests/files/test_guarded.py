"""What a damaged file may do to its reader is done in another process: stand-ins that sleep, end and eat, no damage."""

import os
import subprocess

import h5py
import numpy as np
import pytest
import scipy.io
import xarray as xr

import invsolve.arrays.file
import invsolve.media.netcdf
from invsolve.arrays.file import read_array
from invsolve.errors import ReadError
from invsolve.files.guarded import try_reading
from invsolve.files.hdf5_trial import read_hdf5, read_matlab
from invsolve.files.netcdf_file import write_netcdf
from invsolve.media import NetCDFReader, ReadContext

READERS = """
import os
import time


def sleep(path):
    time.sleep(600)


def leave(path, code):
    os._exit(code)


def abort(path):
    os.abort()


def eat(path):
    bytearray(2**31)


def complain(path):
    raise ValueError("not my kind of file")
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    (tmp_path / "stand_ins.py").write_text(READERS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    path = tmp_path / "file.h5"
    path.write_bytes(b"harmless")
    return path


@pytest.mark.parametrize(
    ("reader", "fields", "said"),
    [
        ("sleep", {"seconds": 0.5}, r"is damaged: reading it did not end within 1 s\. Get a complete copy"),
        ("leave", {"code": 3}, r"it brings its reader down \(code 3\)"),
        ("abort", {}, r"it brings its reader down \(code -6\)"),
        ("eat", {"memory": 2**30}, r"reading it takes more than 1\.0 GiB"),
    ],
)
def test_a_reader_that_does_not_come_back_is_a_damaged_file(file, reader, fields, said):
    with pytest.raises(ReadError, match=said):
        try_reading(file, f"stand_ins:{reader}", **fields)


def test_what_a_reader_raises_is_left_to_the_caller(file):
    try_reading(file, "stand_ins:complain")


def test_a_file_is_tried_once_and_again_where_it_changed(file, monkeypatch):
    tried = []
    monkeypatch.setattr(
        subprocess, "run", lambda words, **_: tried.append(words) or subprocess.CompletedProcess(words, 0)
    )
    try_reading(file, "stand_ins:other")
    try_reading(file, "stand_ins:other")
    assert len(tried) == 1
    file.write_bytes(b"changed")
    try_reading(file, "stand_ins:other")
    assert len(tried) == 2


def refused(*_, **__):
    raise ReadError("tried first")


def test_foreign_hdf5_and_matlab_files_are_tried_first_and_our_own_are_not(tmp_path, monkeypatch):
    values = np.linspace(0, 1, 2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    plain, own, old = tmp_path / "plain.h5", tmp_path / "own.nc", tmp_path / "old.mat"
    with h5py.File(plain, "w") as contents:
        contents["video"] = values
        contents.create_dataset("packed", data=values, chunks=(1, 3, 4, 5), compression="gzip").attrs["a"] = "b"
        contents["one"] = 3.0
    write_netcdf(own, xr.Dataset({"video": (("frame", "channel", "y", "x"), values)}))
    scipy.io.savemat(old, {"kernel": values[0, 0]})
    reader = NetCDFReader(plain, variable="video", axes="t c h w")
    assert np.array_equal(reader.read(ReadContext()).video[0].transpose(0, 1).numpy(), values)
    assert np.array_equal(read_array(old), values[0, 0].astype(np.float64))
    read_hdf5(plain)
    read_matlab(old)
    monkeypatch.setattr(invsolve.media.netcdf, "try_reading", refused)
    monkeypatch.setattr(invsolve.arrays.file, "try_reading", refused)
    for read in (lambda: reader.read(ReadContext()), lambda: read_array(old)):
        with pytest.raises(ReadError, match="tried first"):
            read()
    assert NetCDFReader(own).read(ReadContext()).video.shape == (1, 3, 2, 4, 5)
