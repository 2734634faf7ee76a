"""What a header says of sizes is looked at before anything is decoded."""

import numpy as np
import pytest

import invsolve.media.memory_limit
from invsolve.arrays.file import read_array
from invsolve.errors import ReadError
from invsolve.files.memory import Memory, free_memory
from invsolve.media import NpzReader, ReadContext
from invsolve.media.memory_limit import require_room


def header(shape):
    """A .npy file of zeros that was cut behind its header."""
    description = np.lib.format.magic(1, 0)
    text = repr({"descr": "<f4", "fortran_order": False, "shape": shape}).encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return description + len(text).to_bytes(2, "little") + text


def test_numpy_files_that_claim_more_than_there_is_are_not_decoded(tmp_path):
    path = tmp_path / "huge.npy"
    path.write_bytes(header((10**6, 10**6)))
    for read in (lambda: NpzReader(path, axes="h w").read(ReadContext()), lambda: read_array(path)):
        with pytest.raises(ReadError, match=r"1000000x1000000 values take 3725\.3 GiB, and the limit is 8\.0 GiB"):
            read()
    np.savez(tmp_path / "fine.npz", video=np.zeros((2, 4, 4, 3), np.float32))
    assert NpzReader(tmp_path / "fine.npz").read(ReadContext()).video.shape == (1, 3, 2, 4, 4)


def test_less_memory_than_the_limit_is_said(tmp_path, monkeypatch):
    memory = free_memory()
    assert memory is None or 0 < memory.free <= memory.total
    monkeypatch.setattr(invsolve.media.memory_limit, "free_memory", lambda: Memory(2**31, 2**30))
    require_room(tmp_path, (2**27,), 4, "")
    with pytest.raises(ReadError, match=r"take 2\.0 GiB, and 1\.0 GiB of memory are free\. Crop it\."):
        require_room(tmp_path, (2**29,), 4, "Crop it.")
