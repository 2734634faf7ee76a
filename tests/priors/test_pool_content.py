"""A pool of training clips belongs to what its files hold, not to what they are called."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ReadError
from invsolve.media import ClipsReader, FramesReader, NpzReader, SimulateReader
from invsolve.media.clips import ClipFolder
from invsolve_operators import Convolution
from invsolve_priors.training.pool import ClipPool

FIRST = np.array([0])


def save(folder, seed, frames=3):
    folder.mkdir(exist_ok=True)
    for number, pixels in enumerate(np.random.default_rng(seed).integers(0, 256, (frames, 8, 8, 3), dtype=np.uint8)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def array(path, seed):
    np.savez(path, video=np.random.default_rng(seed).random((3, 8, 8, 3), dtype=np.float32))
    return path


def readers(tmp_path):
    """Each with what changes the content of one of its files."""
    frames, video = save(tmp_path / "frames", 0), array(tmp_path / "a.npz", 0)
    np.save(tmp_path / "kernel.npy", np.ones((3, 3)))
    blurred = SimulateReader(from_=NpzReader(path=video), operator=(Convolution(file=tmp_path / "kernel.npy"),))
    windows = ClipsReader(folders=(ClipFolder(frames),), frames=2)
    return {
        "npz": (NpzReader(path=video), lambda: array(video, 1)),
        "frames": (FramesReader(path=frames), lambda: save(frames, 1)),
        "clips": (windows, lambda: save(frames, 1)),
        "one more frame": (windows, lambda: save(frames, 0, frames=4)),
        "kernel": (blurred, lambda: np.save(tmp_path / "kernel.npy", np.eye(3))),
    }


@pytest.mark.parametrize("which", ["npz", "frames", "clips", "one more frame", "kernel"])
def test_other_content_under_the_same_name_is_refused(tmp_path, which):
    reader, change = readers(tmp_path)[which]
    before = ClipPool(reader, 2, 1, 1, tmp_path / "pool")[FIRST]
    torch.testing.assert_close(ClipPool(reader, 2, 1, 1, tmp_path / "pool")[FIRST], before)
    change()
    with pytest.raises(ReadError, match=r"pool holds clips of files that have changed since; remove the folder"):
        ClipPool(reader, 2, 1, 1, tmp_path / "pool")[FIRST]


@pytest.mark.parametrize("which", ["npz", "frames", "clips", "kernel"])
def test_a_new_date_is_no_change(tmp_path, which):
    reader, _ = readers(tmp_path)[which]
    before = ClipPool(reader, 2, 1, 1, tmp_path / "pool")[FIRST]
    for file in tmp_path.rglob("*.np[yz]"):
        os.utime(file, (0, 0)) if file.parent == tmp_path else None
    for file in (tmp_path / "frames").iterdir():
        os.utime(file, (0, 0))
    torch.testing.assert_close(ClipPool(reader, 2, 1, 1, tmp_path / "pool")[FIRST], before)


def test_a_video_or_a_folder_is_sent_to_the_reader_of_windows(tmp_path):
    pool = ClipPool(FramesReader(path=save(tmp_path / "frames", 0)), 8, 8, 1, tmp_path / "pool")
    with pytest.raises(ReadError, match=r"same clip with every seed.* write `read: clips`"):
        pool[np.arange(5)]


@pytest.mark.parametrize("which", ["npz", "clips", "kernel"])
def test_clips_are_read_in_full_precision_whoever_asks(tmp_path, which):
    reader, _ = readers(tmp_path)[which]
    plain = ClipPool(reader, 2, 1, 1, tmp_path / "plain")[FIRST]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = ClipPool(reader, 2, 1, 1, tmp_path / "cast")[FIRST]
    assert cast.dtype == torch.float32 and torch.equal(cast, plain)
