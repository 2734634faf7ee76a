"""A clip stands as its file says: turned, mirrored, with square pixels, and of the right stream."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ReadError
from invsolve.media import ReadContext, VideoReader, write_video

CONTEXT = ReadContext()


def read(path, **fields):
    return VideoReader(path=path, **fields).read(CONTEXT)


def with_matrix(path, a, b, c, d):
    """Write QuickTime's matrix ``x' = a x + c y, y' = b x + d y`` into the header of an mp4 file."""
    stored = path.read_bytes()
    upright = b"".join(number.to_bytes(4, "big") for number in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    at = stored.index(upright, stored.index(b"tkhd"))
    a, b, c, d = (round(number * 0x10000).to_bytes(4, "big", signed=True) for number in (a, b, c, d))
    turned = a + b + bytes(4) + c + d + bytes(4)
    path.write_bytes(stored[:at] + turned + stored[at + len(turned) :])


# by the definition: the pixel at (x, y) is shown at (x', y'), shifted so that all are positive
TURNS = {
    (1, 0, 0, 1): lambda v: v,
    (-1, 0, 0, 1): lambda v: v.flip(-1),
    (1, 0, 0, -1): lambda v: v.flip(-2),
    (-1, 0, 0, -1): lambda v: v.flip(-1, -2),
    (0, 1, 1, 0): lambda v: v.transpose(-1, -2),
    (0, -1, -1, 0): lambda v: v.transpose(-1, -2).flip(-1, -2),
    (0, 1, -1, 0): lambda v: v.transpose(-1, -2).flip(-1),
    (0, -1, 1, 0): lambda v: v.transpose(-1, -2).flip(-2),
}


@pytest.mark.parametrize("matrix", TURNS, ids=str)
def test_turns_and_mirror_images(tmp_path, matrix):
    y, x = torch.meshgrid(torch.linspace(0, 1, 32), torch.linspace(0, 1, 48), indexing="ij")
    path = tmp_path / "a.mp4"
    write_video(path, torch.stack([y, x, y * x])[:, None].expand(-1, 2, -1, -1))
    upright = read(path).video
    with_matrix(path, *matrix)
    assert torch.equal(read(path).video, TURNS[matrix](upright))
    assert torch.equal(read(path, orientation="stored").video, upright)


@pytest.mark.parametrize("matrix", [(0.7071, 0.7071, -0.7071, 0.7071), (2, 0, 0, 1), (1, 0.5, 0, 1)])
def test_what_is_no_turn_by_quarters_is_refused(tmp_path, matrix):
    path = tmp_path / "a.mp4"
    write_video(path, torch.zeros(3, 2, 32, 48))
    with_matrix(path, *matrix)
    with pytest.raises(ReadError, match=r"no turn by quarters and no mirror image.*`orientation: stored`"):
        read(path)
    assert read(path, orientation="stored", pixels="stored").space.height == 32


@pytest.mark.parametrize(
    ("size", "aspect", "shown"),
    [
        ((32, 48), (16, 15), (32, 51)),
        ((32, 48), (4, 3), (32, 64)),
        ((32, 48), (8, 9), (36, 48)),
        ((32, 48), (1, 1), (32, 48)),
    ],
)
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_pixels_become_square(tmp_path, size, aspect, shown, suffix):
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "0"})
        stream.height, stream.width = size
        stream.pix_fmt = "yuv444p"
        stream.codec_context.sample_aspect_ratio = Fraction(*aspect)
        for _ in range(2):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((*size, 3), 100, np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    video = read(path).video
    assert video.shape[-2:] == shown
    assert (255 * video - 100).abs().max() < 1.5
    assert read(path, pixels="stored").video.shape[-2:] == size


def two_streams(path, thumbnail_first=True):
    sizes = [(16, 16, "mjpeg", "yuvj444p", 1), (32, 48, "libx264", "yuv444p", 6)]
    with av.open(str(path), "w") as container:
        streams = []
        for height, width, codec, pix_fmt, _ in sizes if thumbnail_first else sizes[::-1]:
            stream = container.add_stream(codec, rate=25)
            stream.height, stream.width, stream.pix_fmt = height, width, pix_fmt
            streams.append(stream)
        for stream, (height, width, _, _, count) in zip(
            streams, sizes if thumbnail_first else sizes[::-1], strict=True
        ):
            for _ in range(count):
                frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
@pytest.mark.parametrize("thumbnail_first", [True, False])
def test_the_film_and_not_its_thumbnail(tmp_path, suffix, thumbnail_first):
    path = two_streams(tmp_path / f"a.{suffix}", thumbnail_first)
    assert read(path).space.shape == (3, 6, 32, 48)
    other = 0 if thumbnail_first else 1
    assert read(path, stream=other).space.shape == (3, 1, 16, 16)
    with pytest.raises(ReadError, match=r"2 video stream\(s\); there is no stream 2"):
        read(path, stream=2)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tiff", "webp"])
def test_a_still_is_a_clip_of_one_frame(tmp_path, picture, suffix):
    path = tmp_path / f"a.{suffix}"
    options = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}.get(suffix, {})
    Image.fromarray(picture).save(path, **options)
    recording = read(path)
    assert recording.space.frames == 1 and recording.space.frame_rate is None
    np.testing.assert_allclose(recording.video[0, :, 0].permute(1, 2, 0) * 255, picture, atol=8)
    with pytest.raises(ReadError, match=r"has 1 frame"):
        read(path, frames=2)
