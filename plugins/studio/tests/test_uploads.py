"""Files are known by their header, and refused by it before anything is decoded."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invsolve_studio.events import Done, Failed
from invsolve_studio.limits import Limits
from invsolve_studio.upload import plain_name

from .conftest import textured, write_clip

Taken = Callable[..., Any]


def png_header(height: int, width: int) -> bytes:
    """A PNG that claims to be so large, and ends there."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    begun = struct.pack(">I", 10_000) + b"IDAT" + zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + begun


def test_a_picture_and_a_clip(taken: Taken, picture: Path, clip: Path, tmp_path: Path) -> None:
    upload = taken(picture, "../My holiday (1).PNG").result
    assert (upload.kind, upload.height, upload.width, upload.frames) == ("picture", 40, 56, 1)
    assert upload.path == tmp_path / "file" / "My_holiday_1.png"
    assert upload.path.read_bytes() == picture.read_bytes()
    assert upload.reader(32)["longest_side"] == 32
    assert "longest_side" not in upload.reader(64)
    seen = taken(clip).result
    assert (seen.kind, seen.frames, seen.height) == ("clip", 5, 48)
    assert seen.reader(None, 3) == {
        "read": "video", "path": "walk.mp4", "channels": "rgb", "alpha": "white", "frames": "0..3",
    }  # fmt: skip


def test_a_wrong_name_does_not_matter(taken: Taken, clip: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "walk.jpg"
    renamed.write_bytes(clip.read_bytes())
    upload = taken(renamed).result
    assert (upload.kind, upload.path.name) == ("clip", "walk.mp4")
    gif = tmp_path / "moving.png"
    frames = [Image.fromarray(textured(16, 16, seed)) for seed in range(3)]
    frames[0].save(gif, format="GIF", save_all=True, append_images=frames[1:])
    assert (taken(gif).result.kind, taken(gif).result.frames) == ("clip", 3)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("program.png", b"MZ\x90\0 a program", "begins with b'MZ"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "none of the formats"),
        ("concat.mp4", b"ffconcat version 1.0\nfile secret.mp4\n", "none of the formats"),
        ("page.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "none of the formats"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of the formats"),
        ("empty.png", b"", r"empty.png is empty \(0 bytes\)"),
        ("bomb.png", png_header(100_000, 100_000), "100,000 x 100,000 pixels, 10,000.0 million"),
        ("cut.png", b"\x89PNG\r\n\x1a\n", "cut.png is damaged or cut short"),
        ("cut.tif", b"II*\0\x08\0\0\0", "cut.tif is damaged or cut short"),
        ("cut.mp4", b"\0\0\0\x20ftypisom" + bytes(40), "cut.mp4 is damaged or cut short"),
        ("cut.mkv", b"\x1aE\xdf\xa3" + bytes(40), "cut.mkv is damaged or cut short"),
    ],
)
def test_what_is_hostile_gets_a_message(name: str, content: bytes, said: str, taken: Taken, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    last = taken(tmp_path / name)
    assert isinstance(last, Failed)
    assert re.search(said, last.message), last.message
    assert "Traceback" not in last.message
    assert str(tmp_path) not in last.message
    assert list((tmp_path / "file").iterdir()) == []


def test_a_picture_whose_pixels_end_early_is_told_when_it_comes(taken: Taken, picture: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(picture.read_bytes()[:-200])
    last = taken(cut)
    assert isinstance(last, Failed)
    assert "cut.png" in last.message
    assert list((tmp_path / "file").iterdir()) == []


def test_limits_of_bytes_pixels_and_frames(taken: Taken, picture: Path, clip: Path) -> None:
    assert "the studio takes 0.0" in taken(picture, limits=Limits(file_bytes=100)).message
    assert "56 x 40 pixels" in taken(picture, limits=Limits(pixels=2000)).message
    assert "has 5 frames; the studio takes 4" in taken(clip, limits=Limits(frames=4)).message
    assert isinstance(taken(clip, limits=Limits(frames=5)), Done)


def test_a_large_picture_is_not_decoded_to_be_refused(taken: Taken, tmp_path: Path) -> None:
    wide = write_clip(tmp_path / "wide.mp4", frames=2, height=32, width=64)
    assert "64 x 32" in taken(wide, limits=Limits(pixels=1000)).message


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("photo.jpg", "photo.jpg"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\me\\a b.png", "a_b.png"),
        ("..", "upload"),
        (".htaccess", "upload.htaccess"),
        ("Ferien am Meer über.jpeg", "Ferien_am_Meer_über.jpeg"),
        ("a" * 300 + ".png", "a" * 40 + ".png"),
        ("<script>.png", "script.png"),
    ],
)
def test_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain
