"""Damage, frames that are missing, and what is no video at all."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from invsolve.errors import ReadError
from invsolve.media import ImageReader, VideoReader
from invsolve.media.inspection import inspect
from tests.media.films import CONTEXT, film, read


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_fewer_frames_than_the_header_counts(tmp_path, suffix):
    path = film(
        tmp_path / f"a.{suffix}",
        [40 * n for n in range(20)],
        codec="libx264",
        size=(64, 64),
        options={"bf": "0", "crf": "0", "g": "1"},
        muxer={"movflags": "faststart"},
    )
    with av.open(str(path)) as container:
        begins = [packet.pos for packet in container.demux(video=0) if packet.size]
    path.write_bytes(path.read_bytes()[: begins[10]])
    with pytest.raises(ReadError, match=r"header counts 20 frames, but it holds 10.*`frames: 0\.\.10`"):
        read(path)
    assert read(path, frames=10).space.frames == 10


@pytest.mark.parametrize("suffix", ["mkv", "webm"])
@pytest.mark.parametrize("kept", [0.9, 0.5])
def test_matroska_that_was_cut(tmp_path, suffix, kept):
    codec = "ffv1" if suffix == "mkv" else "libvpx-vp9"
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 64, 3), dtype=np.uint8)
    with av.open(str(path), "w", options={"cluster_size_limit": "20000"}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 64, "bgr0" if suffix == "mkv" else "yuv420p"
        for pixels in noise:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    assert read(path).space.frames == 40
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ReadError, match=r"a\.(mkv|webm)"):
        read(path)


@pytest.mark.parametrize("seed", range(5))
def test_a_flipped_bit_in_ffv1(tmp_path, seed):
    path = tmp_path / "a.mkv"
    noise = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25, options={"level": "3", "slicecrc": "1", "slices": "4"})
        stream.height, stream.width, stream.pix_fmt = 64, 64, "bgr0"
        for pixels in noise:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    damaged = bytearray(path.read_bytes())
    position = len(damaged) // 4 + 997 * seed
    damaged[position] ^= 1 << seed
    path.write_bytes(damaged)
    with pytest.raises(ReadError, match=r"damaged"):
        read(path)


@pytest.mark.parametrize("kept", [0.95, 0.6])
def test_a_gif_that_was_cut_or_holed(tmp_path, kept):
    path = tmp_path / "a.gif"
    noise = np.random.default_rng(0).integers(0, 256, (6, 24, 24, 3), dtype=np.uint8)
    first, *rest = (Image.fromarray(pixels) for pixels in noise)
    first.save(path, save_all=True, append_images=rest, duration=100)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ReadError, match=r"damaged"):
        read(path)
    hole = int(len(whole) * kept / 2)
    path.write_bytes(whole[:hole] + bytes(600) + whole[hole + 600 :])
    with pytest.raises(ReadError, match=r"damaged"):
        read(path)


@pytest.mark.parametrize("damage", ["zeros", "flip", "cut"])
@pytest.mark.parametrize("moving", [False, True])
def test_checksums_of_a_png(tmp_path, damage, moving):
    path = tmp_path / "a.png"
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    first, second = (Image.fromarray(pixels) for pixels in noise)
    first.save(path, **({"save_all": True, "append_images": [second], "duration": 100} if moving else {}))
    whole = bytearray(path.read_bytes())
    if damage == "zeros":
        whole[int(len(whole) * 0.9) :] = bytes(len(whole) - int(len(whole) * 0.9))
    elif damage == "flip":
        whole[len(whole) // 2] ^= 1
    else:
        del whole[-12:]
    path.write_bytes(whole)
    with pytest.raises(ReadError, match=r"damaged"):
        (VideoReader if moving else ImageReader)(path=path).read(CONTEXT)


def test_a_cut_avi(tmp_path):
    whole = film(tmp_path / "a.avi", range(20), Fraction(1, 25)).read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: (whole.index(b"movi") + whole.index(b"idx1")) // 2])
    with pytest.raises(ReadError, match="cut short"):
        read(path)


def test_text_is_no_video(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("0.1 0.2\n" * 400)
    with pytest.raises(ReadError, match="is text, not a video"):
        read(path)
    with pytest.raises(ReadError, match="is text, not a video"):
        inspect(path)


def test_a_list_of_other_files_is_not_followed(tmp_path):
    film(tmp_path / "other.mkv", range(3), Fraction(1, 25))
    path = tmp_path / "clip.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mkv\n")
    for look in (read, inspect):
        with pytest.raises(ReadError, match=r"is a list of other files \(concat\)"):
            look(path)
