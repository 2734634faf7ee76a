"""`invsolve interpolate`: any clip in, a run folder with the frames between its frames out."""

import json

import numpy as np
import pytest
from PIL import Image

from invsolve.cli import main
from invsolve.errors import UsageError
from invsolve.recipe import load_one
from invsolve_samplers.interpolation.times import FINEST, Times


@pytest.mark.parametrize(
    ("text", "parts", "chosen"),
    [
        ("2", 2, (1,)),
        ("4x", 4, (1, 2, 3)),
        ("0.25,0.5", 4, (1, 2)),
        ("2/3, 1/3", 3, (1, 2)),
        ("0.5,1/3", 6, (2, 3)),
    ],
)
def test_times_in_every_spelling(text, parts, chosen):
    assert Times.parse(text) == Times(parts, chosen)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1", f"lies in 2..{FINEST}"),
        ("0.5,1.5", "1.5 does not lie between 0"),
        ("0", f"lies in 2..{FINEST}"),
        ("half", "'half' is neither a factor"),
        ("1/0", "'1/0' is neither a factor"),
        ("0.123", "1000 equal parts"),
    ],
)
def test_times_that_are_none(text, says):
    with pytest.raises(UsageError, match=says):
        Times.parse(text)


def test_the_frames_that_are_kept():
    times = Times.parse("0.25,0.5")
    assert times.places(3) == (0, 1, 2, 4, 5, 6, 8)
    assert times.shares == (0.25, 0.5)
    assert not times.even and Times.parse("3").even


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Four frames of a smooth picture that moves six pixels to the right from one to the next."""
    folder = tmp_path_factory.mktemp("moving") / "clip"
    folder.mkdir()
    y, x = np.mgrid[0:48, 0:64]
    for number in range(4):
        wave = 0.5 + 0.2 * np.sin((x - 6 * number) / 4.0) + 0.2 * np.cos(y / 5.0)
        Image.fromarray((255 * wave).round().astype(np.uint8)).save(folder / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def run(clip, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    words = ["--times", "1/3", "--samples", "2", "--set", "input.frame_rate=30.0", "--out", str(out), "--quiet"]
    assert main(["interpolate", str(clip), *words]) == 0
    (run,) = (out / "clip").iterdir()
    return run


def frame(path):
    return np.asarray(Image.open(path), dtype=np.float64) / 255


def test_the_frame_at_a_third_is_moved_by_a_third(run):
    """The truth is known in closed form: the wave, two pixels on."""
    assert len(list((run / "interpolated").iterdir())) == 4 + 3
    y, x = np.mgrid[0:48, 0:64]
    truth = 0.5 + 0.2 * np.sin((x - 6 - 2) / 4.0) + 0.2 * np.cos(y / 5.0)
    inside = np.s_[8:-8, 14:-14]
    error = (frame(run / "interpolated" / "0003.png") - truth)[inside]
    first, last = (frame(run / "interpolated" / name) for name in ("0002.png", "0004.png"))
    fade = (2 / 3 * first + last / 3 - truth)[inside]
    assert np.sqrt(np.mean(error**2)) < 0.02
    assert np.sqrt(np.mean(error**2)) < 0.5 * np.sqrt(np.mean(fade**2))


def test_times_and_recipe_are_written(run, clip):
    facts = json.loads((run / "interpolation.json").read_text())
    assert facts["times_between"] == pytest.approx([1 / 3])
    assert facts["times_of_frames"] == pytest.approx([0, 1 / 3, 1, 4 / 3, 2, 7 / 3, 3])
    assert facts["frame_rate"] is None
    assert (run / "interpolated.mp4").stat().st_size > 0
    assert load_one(run).operator.every == 3
    assert load_one(run / "recipe.yaml").input.path == clip


def test_what_is_no_clip_is_refused(clip, capsys):
    assert main(["interpolate", str(clip / "00.png")]) == 2
    assert "is a picture; a clip has several frames" in capsys.readouterr().err


def test_without_opencv_the_extra_is_named(clip, monkeypatch, capsys):
    found = __import__("importlib.util").util.find_spec
    monkeypatch.setattr("invsolve.files.needs.find_spec", lambda name: None if name == "cv2" else found(name))
    assert main(["interpolate", str(clip)]) == 2
    assert "optical flow needs cv2, which is not installed: `pip install 'invsolve[flow]'`." in capsys.readouterr().err
