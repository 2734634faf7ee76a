import errno
from pathlib import Path

import pytest
import torch

from invsolve.errors import RunFailed, SpaceError, WriteError
from invsolve.files.atomic import atomic, make_folder, write_text
from invsolve.media import write_frames, write_png, write_video


def test_a_file_appears_whole(tmp_path):
    with atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        assert not (tmp_path / "a.txt").exists()
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".txt"
    assert (tmp_path / "a.txt").read_text() == "half"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


@pytest.mark.parametrize("error", [ValueError("stop"), KeyboardInterrupt()])
def test_or_not_at_all(tmp_path, error):
    with pytest.raises(type(error)), atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    write_text(tmp_path / "a.txt", "first")
    with pytest.raises(WriteError, match=r"exists already"):
        write_text(tmp_path / "a.txt", "second")
    assert (tmp_path / "a.txt").read_text() == "first"
    write_text(tmp_path / "a.txt", "third", replace=True)
    assert (tmp_path / "a.txt").read_text() == "third"


def test_one_that_came_meanwhile_is_kept(tmp_path):
    with pytest.raises(WriteError, match=r"exists already"), atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("mine")
        (tmp_path / "a.txt").write_text("another's")
    assert (tmp_path / "a.txt").read_text() == "another's"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.ENOSPC, RunFailed, r"No space left.*Free some space\. Choose another place\.$"),
        (errno.EACCES, WriteError, r"Permission denied\. Choose another place\.$"),
        (errno.EROFS, WriteError, r"Read-only file system\. Choose another place\.$"),
    ],
)
def test_disks_that_refuse(tmp_path, monkeypatch, number, kind, message):
    def refuse(*_, **__):
        raise OSError(number, __import__("os").strerror(number))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(kind, match=message):
        write_text(tmp_path / "a.txt", "text")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(WriteError, match=r"cannot be written: No such file"):
        write_png(tmp_path / "nowhere" / "a.png", torch.zeros(3, 4, 4))
    with pytest.raises(WriteError, match=r"cannot be written"):
        write_video(tmp_path / "nowhere" / "a.mp4", torch.zeros(3, 1, 4, 4))


def test_a_file_in_the_way_of_a_folder(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(WriteError):
        make_folder(tmp_path / "a" / "b")
    with pytest.raises(WriteError, match=r"exists already"):
        make_folder(tmp_path, exist_ok=False)


def test_frames_are_not_overwritten(tmp_path):
    write_frames(tmp_path / "a", torch.zeros(3, 2, 4, 4))
    with pytest.raises(WriteError, match=r"0000.png exists already"):
        write_frames(tmp_path / "a", torch.ones(3, 2, 4, 4))


def test_pictures_have_one_or_three_channels(tmp_path):
    with pytest.raises(SpaceError, match=r"1 or 3 channels, got 2"):
        write_png(tmp_path / "a.png", torch.zeros(2, 4, 4))
