"""Frame times, frame counts, interlacing and damage: what a file holds is what a clip says."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from av.filter import Graph
from PIL import Image

from invsolve.errors import ReadError, SpaceError
from invsolve.media import FramesReader, ImageReader, ReadContext, VideoReader, write_video
from invsolve.media.clip import count_frames
from invsolve.media.inspection import inspect
from invsolve_operators import ExposureAverage, TemporalAverage

CONTEXT = ReadContext()


def read(path, **fields):
    return VideoReader(path=path, **fields).read(CONTEXT)


def levels(video):
    return (video.mean(dim=(0, 1, 3, 4)) * 255).round().int().tolist()


def film(path, times, tick=Fraction(1, 1000), codec="ffv1", options=None, muxer=None, tags=None, size=(16, 16)):
    """Frame number i is grey 20 + 10 i, shown at `times[i]` ticks."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv444p" if codec == "libx264" else "bgr0"
        stream.codec_context.time_base = stream.time_base = tick
        for number, time in enumerate(times):
            pixels = np.full((*size, 3), 20 + 10 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = time, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def animation(path, durations, **options):
    pictures = [Image.fromarray(np.full((12, 16, 3), 20 + 10 * n, np.uint8)) for n in range(len(durations))]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, **options)
    return path


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


def interlaced(path, order):
    graph = Graph()
    source, sink = (
        graph.add_buffer(width=32, height=32, format=av.VideoFormat("yuv420p"), time_base=Fraction(1, 25)),
        graph.add("buffersink"),
    )
    field = graph.add("setfield", order)
    source.link_to(field)
    field.link_to(sink)
    graph.configure()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"flags": "+ildct+ilme", "crf": "0"})
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        for number in range(4):
            pixels = np.full((32, 32, 3), 40 + 40 * number, np.uint8)
            pixels[1::2] += 20
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            graph.push(frame)
            container.mux(stream.encode(graph.pull()))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("order", "first"), [("tff", 40), ("bff", 60)])
def test_interlaced_frames_are_refused_or_split(tmp_path, order, first):
    path = interlaced(tmp_path / "a.mkv", order)
    with pytest.raises(ReadError, match=r"interlaced.*`interlaced: split`.*`interlaced: keep`"):
        read(path)
    split = read(path, interlaced="split")
    assert split.space.shape == (3, 8, 16, 32)
    assert split.space.frame_rate == pytest.approx(50.0)
    found = levels(split.video)
    assert abs(found[0] - first) <= 2 and abs(found[1] - (100 - first)) <= 2
    kept = read(path, interlaced="keep")
    assert kept.space.shape == (3, 4, 32, 32) and kept.space.frame_rate == 25.0


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


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_inspect_reports_the_rate_that_is_read(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    first, *others = [Image.fromarray(np.full((8, 8, 3), 20 + 10 * i, np.uint8)) for i in range(4)]
    first.save(path, save_all=True, append_images=others, duration=40)
    facts = inspect(path)
    assert facts["frame_rate"] == read(path).space.frame_rate == 25
    assert facts["first_times"] == "[0.0, 0.04, 0.08, 0.12]"
