"""The opacity of VP8 and VP9, which Matroska keeps beside each packet."""

from fractions import Fraction

import av
import numpy as np
import pytest

from invsolve.errors import ReadError
from invsolve.media import ReadContext, VideoReader

CONTEXT = ReadContext()
CODECS = ["libvpx", "libvpx-vp9"]


def write(path, codec, opacity=(255, 0), frames=3, **tags):
    """Flat frames 32 x 48 of Y'CbCr 126, 100, 180, whose left and right halves have these opacities."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"b": "4M", "auto-alt-ref": "0"})
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuva420p"
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number in range(frames):
            frame = av.VideoFrame(48, 32, "yuva420p")
            for plane, level in zip(frame.planes, (126, 100, 180, None), strict=True):
                levels = np.full((plane.height, plane.line_size), level or 0, np.uint8)
                if level is None:
                    levels[:, :24], levels[:, 24:48] = opacity
                plane.update(levels.tobytes())
            for name, value in tags.items():
                setattr(frame, name, value)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path, **fields):
    return VideoReader(path=path, **fields).read(CONTEXT)


def ideal(opacity, background):
    """Red, green and blue of the flat colour in BT.601, limited range, set on a background."""
    luma, blue, red = (126 - 16) / 219, (100 - 128) / 224, (180 - 128) / 224
    r, b = luma + 2 * (1 - 0.299) * red, luma + 2 * (1 - 0.114) * blue
    colour = np.clip([r, (luma - 0.299 * r - 0.114 * b) / 0.587, b], 0, 1)
    return opacity * colour + (1 - opacity) * background


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("suffix", ["webm", "mkv"])
def test_it_needs_a_choice_and_obeys_it(tmp_path, codec, suffix):
    path = write(tmp_path / f"a.{suffix}", codec)
    with pytest.raises(ReadError, match=r"frame 0 of .* is transparent in 768 of 1536 pixels.*`alpha: white`"):
        read(path)
    for alpha, background in (("white", 1.0), ("black", 0.0)):
        found = read(path, alpha=alpha)
        assert (found.space.frames, found.space.frame_rate) == (3, 25.0)
        # lossy, so that values are compared away from the edge, to two levels of 8 bits
        np.testing.assert_allclose(found.video[0, :, 1, 10, 8], ideal(1.0, background), atol=2 / 255)
        np.testing.assert_allclose(found.video[0, :, 1, 10, 40], ideal(0.0, background), atol=2 / 255)
    np.testing.assert_allclose(read(path, alpha="drop").video[0, :, 1, 10, 8], ideal(1.0, 0.0), atol=2 / 255)


@pytest.mark.parametrize("codec", CODECS)
def test_half_transparent(tmp_path, codec):
    found = read(write(tmp_path / "a.webm", codec, opacity=(102, 204)), alpha="white").video[0, :, 2, 16]
    np.testing.assert_allclose(found[:, 8], ideal(0.4, 1.0), atol=2 / 255)
    np.testing.assert_allclose(found[:, 40], ideal(0.8, 1.0), atol=2 / 255)


@pytest.mark.parametrize("codec", CODECS)
def test_opaque_throughout_needs_no_choice(tmp_path, codec):
    found = read(write(tmp_path / "a.webm", codec, opacity=(255, 255)))
    np.testing.assert_allclose(found.video[0, :, 0, 10, 8], ideal(1.0, 0.0), atol=2 / 255)


def test_what_the_container_declares_of_colour_stays(tmp_path):
    tags = {"color_trc": 8, "color_primaries": 1, "colorspace": 1, "color_range": 1}
    assert read(write(tmp_path / "a.webm", "libvpx-vp9", **tags), alpha="drop").space.transfer == "linear"


def test_without_libvpx_only_its_colours_are_read(tmp_path, monkeypatch):
    path = write(tmp_path / "a.webm", "libvpx-vp9")
    monkeypatch.setattr(av.codec, "codecs_available", {"vp9"})
    with pytest.raises(ReadError, match=r"only libvpx decodes, which this PyAV lacks. Write `alpha: drop`"):
        read(path)
    assert read(path, alpha="drop").space.frames == 3
