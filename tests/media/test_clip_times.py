"""Frame times: what a file holds is what a clip says."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ReadError, SpaceError
from invsolve.media import ImageReader, write_video
from invsolve.media.clip import count_frames
from invsolve_operators import ExposureAverage, TemporalAverage
from tests.media.films import CONTEXT, animation, film, interlaced, levels, read

UNEVEN = [0, 40, 80, 120, 160, 1160]


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "ffv1"), ("a.mp4", "libx264"), ("a.mov", "libx264")])
def test_uneven_frames_have_no_rate(tmp_path, name, codec):
    path = film(tmp_path / name, UNEVEN, codec=codec, options={"crf": "0", "bf": "0"} if codec == "libx264" else None)
    recording = read(path)
    assert recording.space.frame_rate is None
    said = "frame 5 comes 1000 ms after frame 4, but the usual step is 40 ms"
    assert said in recording.space.uneven and said in recording.notes[-1]
    for operator in (
        TemporalAverage(frames=6, transfer="ignore"),
        ExposureAverage(frames=6, intervals_seconds=[[0, 0.2]], frame_rate=25.0, transfer="ignore"),
    ):
        with pytest.raises(SpaceError, match=rf"{said}.*`frame_rate:`.*`resample: exposure`"):
            operator.output_space(recording.space)
    even = read(path, frames="0..5")
    assert even.space.uneven is None
    assert even.space.frame_rate == pytest.approx(25.0)
    assert read(path, frame_rate=30.0).space.frame_rate == 30.0


@pytest.mark.parametrize(
    ("suffix", "durations", "said"),
    [
        ("gif", [100, 100, 1000, 100], "frame 3 comes 1000 ms after frame 2"),
        ("png", [50, 50, 75, 50], "frame 3 comes 75 ms after frame 2"),
        ("webp", [40, 40, 200, 40], "frame 3 comes 200 ms after frame 2"),
    ],
)
def test_uneven_animations(tmp_path, suffix, durations, said):
    recording = read(animation(tmp_path / f"a.{suffix}", durations))
    assert recording.space.frame_rate is None
    assert said in recording.space.uneven


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
@pytest.mark.parametrize("milliseconds", [100, 50])
def test_even_animations(tmp_path, suffix, milliseconds):
    options = {"lossless": True} if suffix == "webp" else {}
    path = animation(tmp_path / f"a.{suffix}", [milliseconds] * 5, **options)
    recording = read(path)
    assert recording.space.shape == (3, 5, 12, 16)
    assert recording.space.frame_rate == pytest.approx(1000 / milliseconds)
    assert levels(recording.video) == [20, 30, 40, 50, 60]
    assert read(path, frames=2).space.frame_rate == pytest.approx(1000 / milliseconds)
    assert read(path, stride=2).space.frame_rate == pytest.approx(500 / milliseconds)
    with pytest.raises(ReadError, match=r"animation of 5 frames. Write `read: video`"):
        ImageReader(path=path).read(CONTEXT)


def test_frames_made_even(tmp_path):
    path = film(tmp_path / "a.mkv", [0, 40, 80, 240, 280])
    nearest = read(path, resample="nearest", frame_rate=25.0)
    assert levels(nearest.video) == [20, 30, 40, 40, 50, 50, 50, 60][: len(levels(nearest.video))]
    assert nearest.space.frame_rate == 25.0 and nearest.space.uneven is None
    exposed = read(path, resample="exposure", frame_rate=5.0, transfer="linear")
    first = (40 * 20 + 40 * 30 + 120 * 40) / 200
    assert exposed.video[0, :, 0].mean() * 255 == pytest.approx(first, abs=0.01)
    assert read(path, resample="nearest").space.frame_rate == pytest.approx(25.0)


def test_light_is_averaged_as_light(tmp_path):
    path = animation(tmp_path / "a.png", [100, 100])
    Image.fromarray(np.zeros((12, 16, 3), np.uint8)).save(
        path, save_all=True, append_images=[Image.fromarray(np.full((12, 16, 3), 255, np.uint8))], duration=100
    )
    video = read(path, resample="exposure", frame_rate=5.0).video
    assert 255 * video.mean() == pytest.approx(187.5, abs=0.1)


@pytest.mark.parametrize(
    ("times", "tick", "rate"),
    [
        (range(12), Fraction(1, 25), 25.0),
        (range(12), Fraction(1001, 30000), 30000 / 1001),
        ([round(1000 * n / 60) for n in range(12)], Fraction(1, 1000), 60.0),
        ([round(1000 * n / 24) for n in range(12)], Fraction(1, 1000), 24.0),
    ],
)
def test_rounded_times_are_even(tmp_path, times, tick, rate):
    space = read(film(tmp_path / "a.mkv", list(times), tick)).space
    assert space.uneven is None
    assert space.frame_rate == pytest.approx(rate, rel=2e-3)


@pytest.mark.parametrize("container", ["mp4", "mov"])
@pytest.mark.parametrize(("capture", "expected"), [("240.00", 240.0), ("120", 120.0), ("nonsense", 25.0), (None, 25.0)])
def test_slow_motion_has_the_rate_of_its_recording(tmp_path, container, capture, expected):
    tags = {} if capture is None else {"com.android.capture.fps": capture}
    path = film(
        tmp_path / f"a.{container}",
        [40 * n for n in range(6)],
        codec="libx264",
        options={"bf": "0"},
        muxer={"movflags": "use_metadata_tags"},
        tags=tags,
    )
    recording = read(path)
    assert recording.space.frame_rate == pytest.approx(expected)
    assert any("slow motion" in note for note in recording.notes) == (expected != 25.0)
    assert read(path, stride=2).space.frame_rate == pytest.approx(expected / 2)
    assert read(path, frame_rate=25.0).space.frame_rate == 25.0


def test_a_trimmed_film_begins_where_its_edit_list_says(tmp_path):
    path = film(tmp_path / "a.mp4", [40 * n for n in range(12)], codec="libx264", options={"bf": "0", "crf": "0"})
    whole = read(path).video
    stored = path.read_bytes()
    at = stored.index(b"elst")
    assert stored[at + 8 : at + 12] == b"\0\0\0\1"
    scale_at = stored.index(b"mdhd") + 16
    ticks = int.from_bytes(stored[scale_at : scale_at + 4], "big") * 160 // 1000
    start = int.from_bytes(stored[at + 16 : at + 20], "big") + ticks
    path.write_bytes(stored[: at + 16] + start.to_bytes(4, "big") + stored[at + 20 :])
    trimmed = read(path)
    assert levels(trimmed.video) == levels(whole)[4:]
    assert trimmed.space.frame_rate == 25.0


@pytest.mark.parametrize("rate", [24.0, 30000 / 1001, 1 / 1800, 1 / 3600, 240.0, 1234.5, 59.94])
def test_the_rate_written_is_the_rate_asked_for(tmp_path, rate):
    write_video(tmp_path / "a.mp4", torch.zeros(3, 3, 16, 16), frame_rate=rate)
    assert read(tmp_path / "a.mp4").space.frame_rate == pytest.approx(rate, rel=1e-6)


def test_pictures_that_stay_in_an_avi(tmp_path):
    # a tick of 10 ms: the header counts 13 moments of 4 pictures
    path = film(tmp_path / "a.avi", (0, 4, 8, 12), Fraction(1, 100))
    clip = read(path)
    assert levels(clip.video) == [20, 30, 40, 50]
    assert clip.space.frame_rate == 25
    assert count_frames(path) == 4


@pytest.mark.parametrize(("order", "first"), [("tff", 40), ("bff", 60)])
@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts"])
def test_interlaced_frames_are_refused_or_split(tmp_path, order, first, suffix):
    path = interlaced(tmp_path / f"a.{suffix}", order)
    with pytest.raises(ReadError, match=r"interlaced.*`interlaced: split`.*`interlaced: keep`"):
        read(path)
    split = read(path, interlaced="split")
    assert split.space.shape == (3, 8, 16, 32)
    assert split.space.frame_rate == pytest.approx(50.0)
    found = levels(split.video)
    assert abs(found[0] - first) <= 2 and abs(found[1] - (100 - first)) <= 2
    kept = read(path, interlaced="keep")
    assert kept.space.shape == (3, 4, 32, 32) and kept.space.frame_rate == 25.0
