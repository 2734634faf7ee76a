"""Folders of frames in which numbers are left out."""

import numpy as np
import pytest
from PIL import Image

from invsolve.errors import ReadError
from invsolve.media import FramesReader
from tests.media.films import CONTEXT, levels


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        ((1, 2, 4, 5), "frame_0003"),
        ((0, 5, 15, 20), "frame_0010"),
        ((7, 8, 9, 11), "frame_0010"),
    ],
)
def test_a_lost_frame_is_named(tmp_path, numbers, lost):
    for number in numbers:
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(tmp_path / f"frame_{number:04d}.png")
    with pytest.raises(ReadError, match=rf"has no {lost}\.png.*`gaps: ignore`"):
        FramesReader(path=tmp_path, frame_rate=240.0).read(CONTEXT)
    assert levels(FramesReader(path=tmp_path, gaps="ignore").read(CONTEXT).video) == list(numbers)
    assert FramesReader(path=tmp_path, frames=2).read(CONTEXT).space.frames == 2


def test_numbers_without_a_gap(tmp_path):
    for number in (0, 10, 20, 30):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(tmp_path / f"frame_{number:04d}.png")
    assert FramesReader(path=tmp_path).read(CONTEXT).notes == ()
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "other.png")
    assert FramesReader(path=tmp_path).read(CONTEXT).space.frames == 5
