"""Readers of training data: clips from folders, and pairs."""

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ComponentError, ReadError
from invsolve.media import ClipFolder, ClipsReader, PairReader, ReadContext


def pictures(folder: Path, levels, pattern="{:06d}.png", height=12, width=16) -> Path:
    """A folder of pictures; pixel ``(y, x)`` of the one of level ``v`` is ``(v, 10 y, 10 x)``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, level in enumerate(levels):
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[..., 0], pixels[..., 1] = level, 10 * np.arange(height)[:, None]
        pixels[..., 2] = 10 * np.arange(width)
        Image.fromarray(pixels).save(folder / pattern.format(number), quality=100, subsampling=0)
    return folder


FLIPS: Final = ("horizontal", "vertical", "time")


def levels(video):
    return (video[0, 0, :, 0, 0] * 255).round().int().tolist()


def read(reader, seed=0):
    return reader.read(ReadContext(seed=seed))


def test_a_window_of_a_video_and_of_a_folder(tmp_path, clip):
    clip(count=12, name="one.mp4")
    pictures(tmp_path / "two" / "b", range(20, 32))
    reader = ClipsReader(folders=(ClipFolder(tmp_path),), frames=3, stride=(1, 3), crop="8x10")
    seen = [read(reader, seed) for seed in range(30)]
    names = {recording.name.rpartition("_")[0] for recording in seen}
    assert names == {"one", "b"}
    assert {recording.space.frame_rate for recording in seen} == {24.0, 12.0, 8.0, None}
    for recording in seen:
        assert recording.video.shape == (1, 3, 3, 8, 10)
        if recording.name.startswith("b"):
            steps = np.diff(levels(recording.video))
            assert steps[0] == steps[1]
            assert steps[0] in (1, 2, 3)
    strides = {int(np.diff(levels(r.video))[0]) for r in seen if r.name.startswith("b")}
    assert strides == {1, 2, 3}


def test_the_same_seed_reads_the_same_window(tmp_path):
    pictures(tmp_path / "a", range(20))
    reader = ClipsReader(folders=(ClipFolder(tmp_path),), frames=4, crop="5x5", flips=("horizontal", "time"))
    once, again, other = read(reader, 3), read(reader, 3), read(reader, 4)
    assert torch.equal(once.video, again.video)
    assert once.sha256 == again.sha256
    assert not torch.equal(once.video, other.video)


def test_folders_are_drawn_by_weight(tmp_path):
    pictures(tmp_path / "often", [10])
    pictures(tmp_path / "rarely", [20])
    folders = (ClipFolder(tmp_path / "often", 3.0), ClipFolder(tmp_path / "rarely"))
    reader = ClipsReader(folders=folders, frames=1)
    drawn = Counter(levels(read(reader, seed).video)[0] for seed in range(400))
    assert drawn[10] / 400 == pytest.approx(0.75, abs=0.065)  # three standard deviations


def test_crops_come_from_anywhere_and_flips_turn_over(tmp_path):
    pictures(tmp_path / "a", range(5))
    reader = ClipsReader(folders=(ClipFolder(tmp_path),), frames=5, crop="4x4", flips=FLIPS)
    corners, turned = set(), Counter()
    for seed in range(200):
        video = read(reader, seed).video[0]
        rows, columns = video[1, 0, :, 0], video[2, 0, 0, :]
        corners.add((round(float(rows.min()) * 25.5), round(float(columns.min()) * 25.5)))
        turned["time"] += bool(video[0, 0, 0, 0] > video[0, -1, 0, 0])
        turned["vertical"] += bool(rows[0] > rows[-1])
        turned["horizontal"] += bool(columns[0] > columns[-1])
    assert {row for row, _ in corners} == set(range(9))
    assert {column for _, column in corners} == set(range(13))
    for count in turned.values():
        assert count / 200 == pytest.approx(0.5, abs=0.11)


def test_what_cannot_be_read_is_named(tmp_path):
    pictures(tmp_path / "short", range(3))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=r"takes 4 frames, and the longest of the 1 clips in .*short has 3"):
        read(ClipsReader(folders=(ClipFolder(tmp_path / "short"),), frames=4))
    with pytest.raises(ReadError, match="holds no clips"):
        read(ClipsReader(folders=(ClipFolder(tmp_path / "empty"),)))
    with pytest.raises(ReadError, match="does not exist"):
        read(ClipsReader(folders=(ClipFolder(tmp_path / "nowhere"),)))
    with pytest.raises(ReadError, match="does not fit"):
        read(ClipsReader(folders=(ClipFolder(tmp_path / "short"),), frames=2, crop="20x4"))
    with pytest.raises(ComponentError, match="the least and the most"):
        ClipsReader(folders=(ClipFolder(tmp_path),), stride=(2, 1))
    with pytest.raises(ComponentError, match="at least one folder"):
        ClipsReader(folders=())


LAYOUTS: Final = {
    "gopro": ({}, "blur", "sharp", "{:06d}.png", "{:06d}.png", 1),
    "gopro_gamma": ({"blurred": "blur_gamma"}, "blur_gamma", "sharp", "{:06d}.png", "{:06d}.png", 1),
    "dvd": ({"blurred": "input", "sharp": "GT"}, "input", "GT", "{:05d}.jpg", "{:05d}.jpg", 1),
    "b_aist": ({"frames": 1}, "blur", "sharp", "{:08d}.png", None, 7),
}


def scene(folder: Path, layout: str, first: int, count: int) -> None:
    _, blurred, sharp, pattern, sharp_pattern, each = LAYOUTS[layout]
    pictures(folder / blurred, range(first, first + count), pattern)
    if sharp_pattern is not None:
        pictures(folder / sharp, range(first + 100, first + 100 + count), sharp_pattern)
        return
    for number in range(count):
        shown = range(100 + 10 * number, 100 + 10 * number + each)
        pictures(folder / sharp, shown, f"{number:08d}_{{:03d}}.png")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_known_layouts(layout, tmp_path):
    fields, *_, each = LAYOUTS[layout]
    for name, first in (("GOPR0372_07_00", 10), ("GOPR0384_11_02", 40)):
        scene(tmp_path / "train" / name, layout, first, 5)
    reader = PairReader(path=tmp_path, **{"frames": 2, **fields}, index=1, frame_rate=30.0)
    recording = read(reader)
    assert recording.name == f"GOPR0372_07_00_{reader.frames}"
    assert recording.truth.shape[2] == reader.frames * each
    assert recording.truth_space.frame_rate == 30.0 * each
    tolerance = 3 if layout == "dvd" else 0  # jpeg
    first = reader.frames
    np.testing.assert_allclose(levels(recording.video), range(10 + first, 10 + 2 * first), atol=tolerance)
    if each == 1:
        np.testing.assert_allclose(levels(recording.truth), range(110 + first, 110 + 2 * first), atol=tolerance)
    else:
        assert levels(recording.truth) == list(range(110, 117))
    last = (5 // reader.frames) * 2
    with pytest.raises(ReadError, match=f"has {last} clips of {reader.frames} pairs; there is no number {last}"):
        read(PairReader(path=tmp_path, **{"frames": 2, **fields}, index=last))


def test_bair_is_read_as_clips(tmp_path):
    for trajectory in range(3):
        pictures(tmp_path / "train" / "traj_256_to_511" / str(trajectory), range(30), "{}.png")
    recording = read(ClipsReader(folders=(ClipFolder(tmp_path),), frames=16))
    assert np.diff(levels(recording.video)).tolist() == [1] * 15


def test_a_pair_is_cropped_and_turned_alike(tmp_path):
    scene(tmp_path / "a", "gopro", 10, 6)
    reader = PairReader(path=tmp_path, frames=3, crop="4x4", flips=FLIPS)
    starts = set()
    for seed in range(20):
        recording = read(reader, seed)
        torch.testing.assert_close(recording.video[:, 1:], recording.truth[:, 1:])
        assert [level + 100 for level in levels(recording.video)] == levels(recording.truth)
        starts.add(min(levels(recording.video)))
    assert starts == {10, 11, 12, 13}


def test_pairs_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(ReadError, match="holds no scene"):
        read(PairReader(path=tmp_path))
    scene(tmp_path / "a", "gopro", 10, 3)
    with pytest.raises(ReadError, match=r"no scene in .* has 16 pairs; the longest has 3"):
        read(PairReader(path=tmp_path))
    pictures(tmp_path / "b" / "blur", [1], "7.png")
    pictures(tmp_path / "b" / "sharp", [1, 2], "7_{}.png")
    with pytest.raises(ReadError, match=r"different numbers of sharp ones: \[1, 2\]"):
        read(PairReader(path=tmp_path, frames=1))
