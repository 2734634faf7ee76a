"""`inspect` answers about the file that its name promises."""

import pytest

from invsolve.errors import ReadError
from invsolve.media.inspection import inspect


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
