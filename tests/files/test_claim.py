"""One process at a time, and nothing left behind by those that were killed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from invsolve.errors import DiskFull, WriteError
from invsolve.files.atomic import atomic
from invsolve.files.claim import Claim, claimed
from invsolve.files.leftovers import sweep
from invsolve.files.memory_map import new_memory_map


def test_a_folder_is_claimed_once(tmp_path):
    taken = pytest.raises(WriteError, match=r"another process is at work in .*\. Wait for it\.")
    with claimed(tmp_path, ""), taken, claimed(tmp_path, "Wait for it."):
        pass
    with claimed(tmp_path, ""):
        pass
    with pytest.raises(WriteError, match="No such file"), claimed(tmp_path / "missing", ""):
        pass


def test_a_piece_of_work_is_claimed_once_and_leaves_nothing(tmp_path):
    path = tmp_path / "clip.claim"
    first = Claim.take(path)
    assert first is not None
    assert Claim.take(path) is None
    first.release()
    assert not path.exists()
    second = Claim.take(path, wait=True)
    assert second is not None
    second.release()


def test_a_claim_goes_with_its_process(tmp_path):
    path = tmp_path / "clip.claim"
    code = (
        f"import os; from pathlib import Path; from invsolve.files.claim import Claim; Claim.take(Path({str(path)!r}))"
    )
    code += "; os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert path.exists()
    claim = Claim.take(path)
    assert claim is not None
    claim.release()


def test_what_killed_processes_left_is_swept(tmp_path):
    dead = 2**22 + 1  # beyond the largest process number of Linux
    old, alive, other = (
        tmp_path / f".a.{dead}.partial.nc",
        tmp_path / f".b.{os.getppid()}.partial",
        tmp_path / "c.partial",
    )
    for path in (old, alive, other):
        path.write_text("half")
    (tmp_path / f".d.{dead}.partial").mkdir()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, other.name])
    sweep(tmp_path / "missing")


def test_a_place_that_is_lost_while_it_is_written_is_the_error_that_is_told(tmp_path, monkeypatch):
    def lost(self, *, missing_ok=False):
        raise OSError(107, "Transport endpoint is not connected")

    monkeypatch.setattr(Path, "unlink", lost)
    with pytest.raises(WriteError, match="file cannot be written: Input/output error"), atomic(tmp_path / "file"):
        raise OSError(5, "Input/output error")


def test_a_memory_map_takes_its_room_at_once(tmp_path, monkeypatch):
    array = new_memory_map(tmp_path / "a.npy", np.uint8, (3, 4))
    array[:] = 7
    assert np.load(tmp_path / "a.npy").tolist() == [[7] * 4] * 3
    assert (tmp_path / "a.npy").stat().st_blocks > 0

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(DiskFull, match=r"b\.npy could not be written: No space left"):
        new_memory_map(tmp_path / "b.npy", np.uint8, (3, 4))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
