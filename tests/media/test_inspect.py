"""`inspect`: what a file is taken for, and what its reader refuses of it."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from invsolve.cli import main
from invsolve.errors import ReadError
from invsolve.media.inspection import described, inspect
from tests.media.films import film, interlaced, read


@pytest.mark.parametrize("suffix", ["jpg", "PNG", "tif", "exr"])
def test_text_under_the_name_of_a_picture_is_no_picture(tmp_path, suffix):
    path = tmp_path / f"text.{suffix}"
    path.write_text("hello\n")
    with pytest.raises(ReadError, match=r"not a picture|EXR|TIFF") as refused:
        inspect(path)
    assert "video" not in str(refused.value)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_text_under_the_name_of_a_video_is_no_video(tmp_path, suffix):
    path = tmp_path / f"text.{suffix}"
    path.write_text("hello\n")
    with pytest.raises(ReadError, match="video"):
        inspect(path)


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_inspect_reports_the_rate_that_is_read(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    first, *others = [Image.fromarray(np.full((8, 8, 3), 20 + 10 * i, np.uint8)) for i in range(4)]
    first.save(path, save_all=True, append_images=others, duration=40)
    facts = inspect(path)
    assert facts["frame_rate"] == read(path).space.frame_rate == 25
    assert facts["first_times"] == "[0.0, 0.04, 0.08, 0.12]"


def refused(path):
    return [(each["field"], each["reason"]) for each in inspect(path)["refused"]]


def test_what_is_read_as_it_is_is_not_refused(tmp_path):
    path = film(tmp_path / "a.mkv", [40 * n for n in range(4)])
    facts = inspect(path)
    assert facts["refused"] == [] and facts["frames"] == read(path).space.frames
    assert described(facts).splitlines()[-1].split() == ["refused", "-"]


def test_interlaced_and_uneven_at_once(tmp_path):
    assert [field for field, _ in refused(interlaced(tmp_path / "a.mkv", "tff"))] == ["interlaced"]
    ((field, reason),) = refused(film(tmp_path / "b.mkv", [0, 40, 80, 200]))
    assert field == "frame_rate" and "frame 3 comes 120 ms after frame 2" in reason


def test_transparency_in_pictures_clips_and_animations(tmp_path):
    pixels = np.full((8, 8, 4), [200, 100, 50, 255], np.uint8)
    pixels[:4, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png")
    later = Image.fromarray(np.full((8, 8, 4), 255, np.uint8))
    later.save(tmp_path / "b.png", save_all=True, append_images=[Image.fromarray(pixels)], duration=40)
    later.save(tmp_path / "c.webp", save_all=True, append_images=[Image.fromarray(pixels)], lossless=True)
    for name in ("a.png", "b.png", "c.webp"):
        ((field, reason),) = refused(tmp_path / name)
        assert field == "alpha" and "is transparent in 32 of 64 pixels" in reason, name


@pytest.mark.parametrize("suffix", ["mp4", "avi"])
def test_a_film_that_was_cut(tmp_path, suffix):
    import av

    codec, options = ("libx264", {"bf": "0", "crf": "0", "g": "1"}) if suffix == "mp4" else ("ffv1", {})
    muxer = {"movflags": "faststart"} if suffix == "mp4" else {}
    path = film(tmp_path / f"a.{suffix}", [40 * n for n in range(20)], codec=codec, options=options, muxer=muxer)
    assert not [field for field, _ in refused(path) if field is None]
    with av.open(str(path)) as container:
        begins = [packet.pos for packet in container.demux(video=0) if packet.size]
    path.write_bytes(path.read_bytes()[: begins[10]])
    assert "cut short" in " ".join(reason for _, reason in refused(path))


@pytest.mark.parametrize("dtype", [np.int16, np.uint32, np.float32])
def test_numbers_that_do_not_say_what_white_is(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", np.arange(64, dtype=dtype).reshape(8, 8), photometric="minisblack")
    ((field, reason),) = refused(tmp_path / "a.tif")
    assert field == ("outside" if dtype is np.float32 else "white")
    assert "Write `white:` for the number that means 1" in reason


def test_arrays_are_tried(tmp_path):
    np.savez(tmp_path / "a.npz", one=np.zeros((2, 4, 4, 3)), other=np.zeros((2, 4, 4, 3)))
    ((field, reason),) = refused(tmp_path / "a.npz")
    assert field is None and "Write `key:` one of" in reason
    np.save(tmp_path / "b.npy", np.zeros((2, 4, 4, 3)))
    assert refused(tmp_path / "b.npy") == []


def test_a_folder_of_frames_or_of_clips(tmp_path, capsys):
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in (1, 2, 4):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(frames / f"{number:03d}.png")
    facts = inspect(frames)
    assert (facts["read"], facts["frames"], facts["first"], facts["last"]) == ("frames", 3, "001.png", "004.png")
    assert (facts["height"], facts["width"]) == (4, 5)
    assert [each["field"] for each in facts["refused"]] == ["gaps"]
    clips = tmp_path / "clips"
    clips.mkdir()
    film(clips / "a.mkv", [0, 40, 80])
    assert inspect(clips)["clips"] == [f"{clips / 'a.mkv'}: 3 frames"]
    (tmp_path / "none").mkdir()
    with pytest.raises(ReadError, match="holds no clips"):
        inspect(tmp_path / "none")
    assert main(["inspect", "--json", str(frames), str(tmp_path / "nowhere"), str(clips)]) == 2
    said = capsys.readouterr()
    assert [json.loads(line)["read"] for line in said.out.splitlines()] == ["frames", "clips"]
    assert "nowhere does not exist" in said.err


def test_frames_of_other_sizes_in_a_folder(tmp_path):
    for number, width in enumerate((5, 5, 6)):
        Image.fromarray(np.zeros((4, width), np.uint8)).save(tmp_path / f"{number}.png")
    ((field, reason),) = refused(tmp_path)
    assert field is None and "2.png is 1x4x6" in reason
