import av
import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ComponentError, ReadError, WriteError
from invsolve.media import FramesReader, ImageReader, ReadContext, VideoReader, write_frames, write_video

CONTEXT = ReadContext()


def levels(video):
    """The grey level of each frame, 0..255."""
    return (video.mean(dim=(0, 1, 3, 4)) * 255).round().int().tolist()


def test_frames_and_rate(clip):
    recording = VideoReader(path=clip()).read(CONTEXT)
    assert recording.video.shape == (1, 3, 6, 32, 48)
    assert recording.video.dtype == torch.float32
    assert recording.space.frame_rate == 24.0
    assert recording.space.transfer == "srgb"
    np.testing.assert_allclose(levels(recording.video), [20, 30, 40, 50, 60, 70], atol=2)


@pytest.mark.parametrize(
    ("frames", "stride", "expected"),
    [
        (3, 1, [20, 30, 40]),
        (3, 2, [20, 40, 60]),
        ("1..3", 1, [30, 40]),
        ("4..", 1, [60, 70]),
        ("..2", 1, [20, 30]),
        (None, 3, [20, 50]),
        ("1..6", 2, [30, 50, 70]),
    ],
)
def test_which_frames(clip, frames, stride, expected):
    recording = VideoReader(path=clip(), frames=frames, stride=stride).read(CONTEXT)
    np.testing.assert_allclose(levels(recording.video), expected, atol=2)
    assert recording.space.frame_rate == 24.0 / stride


@pytest.mark.parametrize("frames", ["7", "a..b", "4..2", "3..3", 0, -1, ""])
def test_ranges_without_sense(tmp_path, frames):
    with pytest.raises(ComponentError, match=r"frames"):
        VideoReader(path=tmp_path / "a.mp4", frames=frames)


@pytest.mark.parametrize("frames", [7, "0..7", "6.."])
def test_a_clip_too_short(clip, frames):
    with pytest.raises(ReadError, match=r"has 6 frames, but frame 6 was asked for"):
        VideoReader(path=clip(), frames=frames).read(CONTEXT)


def test_cropped_and_scaled(clip):
    recording = VideoReader(path=clip(), frames=2, crop="20x20", size="10x12").read(CONTEXT)
    assert recording.space.shape == (3, 2, 10, 12)


def test_missing_empty_folder_and_text(tmp_path):
    with pytest.raises(ReadError, match=r"does not exist"):
        VideoReader(path=tmp_path / "a.mp4").read(CONTEXT)
    (tmp_path / "a.mp4").touch()
    with pytest.raises(ReadError, match=r"is empty"):
        VideoReader(path=tmp_path / "a.mp4").read(CONTEXT)
    with pytest.raises(ReadError, match=r"is a folder"):
        VideoReader(path=tmp_path).read(CONTEXT)
    (tmp_path / "b.mp4").write_bytes(b"this is not a video" * 100)
    with pytest.raises(ReadError, match=r"not a video that can be read"):
        VideoReader(path=tmp_path / "b.mp4").read(CONTEXT)


def test_a_video_of_length_zero(clip):
    with pytest.raises(ReadError, match=r"video"):
        VideoReader(path=clip(count=0)).read(CONTEXT)


def test_sound_alone(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(ReadError, match=r"has no pictures"):
        VideoReader(path=path).read(CONTEXT)


@pytest.mark.parametrize("kept", [0.95, 0.7, 0.3])
def test_cut_short(tmp_path, kept):
    noise = torch.rand(3, 12, 64, 64, generator=torch.Generator().manual_seed(0))
    path = tmp_path / "a.mp4"
    write_video(path, noise, frame_rate=25.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ReadError, match=r"damaged"):
        VideoReader(path=path).read(CONTEXT)


def test_cut_short_with_its_index_in_front(tmp_path):
    path = tmp_path / "a.mp4"
    noise = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.height, stream.width, stream.pix_fmt = 64, 64, "yuv420p"
        for pixels in noise:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.6)])
    with pytest.raises(ReadError, match=r"cut short after frame \d.*use the intact part: `frames: 0\.\.\d"):
        VideoReader(path=path).read(CONTEXT)


def test_an_animated_gif(tmp_path, picture):
    path = tmp_path / "a.gif"
    Image.fromarray(picture).save(path, save_all=True, append_images=[Image.fromarray(255 - picture)], duration=100)
    recording = VideoReader(path=path).read(CONTEXT)
    assert recording.space.shape == (3, 2, 12, 17)
    assert recording.space.frame_rate == pytest.approx(10.0)


def test_too_much_for_memory(clip, monkeypatch):
    monkeypatch.setattr("invsolve.media.streams.growing_clip.LARGEST", 3 * 32 * 48 * 4 * 2)
    assert VideoReader(path=clip(), frames=2).read(CONTEXT).space.frames == 2
    with pytest.raises(ReadError, match=r"Choose `frames: 0..16`"):
        VideoReader(path=clip(name="b.mp4")).read(CONTEXT)


@pytest.mark.parametrize(("height", "width"), [(32, 48), (31, 47), (1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_written_clips_come_back(tmp_path, height, width, channels):
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    video = torch.stack([torch.stack([y * (t + 1) / 5, x, (x + y) / 2])[:channels] for t in range(5)], dim=1)
    write_video(tmp_path / "a.mp4", video, frame_rate=29.97)
    recording = VideoReader(path=tmp_path / "a.mp4", crop=f"{height}x{width}+0+0").read(CONTEXT)
    assert recording.space.frame_rate == pytest.approx(29.97, rel=1e-5)
    expected = video.expand(3, -1, -1, -1)[None]
    assert (recording.video - expected).abs().mean() < 0.02


def test_written_colours_come_back(tmp_path):
    colours = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.7, 0.2], [0.2, 0.2, 0.9], [0.5, 0.5, 0.5]])
    video = colours.T[:, :, None, None].expand(3, 4, 32, 32)
    write_video(tmp_path / "a.mp4", video)
    read = VideoReader(path=tmp_path / "a.mp4").read(CONTEXT).video
    torch.testing.assert_close(read.mean(dim=(0, 3, 4)).T, colours, atol=0.012, rtol=0)


def test_a_written_clip_is_never_overwritten(tmp_path):
    video = torch.zeros(3, 2, 8, 8)
    write_video(tmp_path / "a.mp4", video)
    before = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(WriteError, match=r"exists already"):
        write_video(tmp_path / "a.mp4", video + 1)
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_a_folder_of_frames_in_the_order_people_count(tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for number in (1, 2, 10):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(folder / f"frame{number}.png")
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_text("not a picture")
    recording = FramesReader(path=folder, frame_rate=100.0).read(CONTEXT)
    assert levels(recording.video) == [1, 2, 10]
    assert recording.space.frame_rate == 100.0
    assert recording.name == "clip"
    strided = FramesReader(path=folder, frame_rate=100.0, stride=2, channels="rgb").read(CONTEXT)
    assert levels(strided.video) == [1, 10]
    assert strided.space.shape == (3, 2, 4, 5)
    assert strided.space.frame_rate == 50.0


def test_written_frames_come_back(tmp_path):
    video = torch.randint(0, 65536, (3, 12, 4, 5), generator=torch.Generator().manual_seed(0)) / 65535
    write_frames(tmp_path / "a", video, bits=16)
    read = FramesReader(path=tmp_path / "a").read(CONTEXT).video[0]
    torch.testing.assert_close(read, video, rtol=0, atol=1e-7)


def test_frames_of_different_sizes(tmp_path):
    for name, size in (("a.png", (4, 5)), ("b.png", (4, 6))):
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / name)
    with pytest.raises(ReadError, match=r"a\.png is 1x4x5, b\.png is 1x4x6"):
        FramesReader(path=tmp_path).read(CONTEXT)
    assert FramesReader(path=tmp_path, size="4x4").read(CONTEXT).space.shape == (1, 2, 4, 4)


def test_folders_that_are_none_or_empty(tmp_path, save, picture):
    with pytest.raises(ReadError, match=r"does not exist"):
        FramesReader(path=tmp_path / "nowhere").read(CONTEXT)
    with pytest.raises(ReadError, match=r"holds no pictures"):
        FramesReader(path=tmp_path).read(CONTEXT)
    path = save("a.png", picture)
    with pytest.raises(ReadError, match=r"is a file, expected a folder.*read: image"):
        FramesReader(path=path).read(CONTEXT)
    with pytest.raises(ReadError, match=r"has 1 frame, but frame 3 was asked for"):
        FramesReader(path=tmp_path, frames="0..4").read(CONTEXT)


def test_a_damaged_frame_is_named(tmp_path, save, picture):
    save("0.png", picture)
    (tmp_path / "1.png").write_bytes((tmp_path / "0.png").read_bytes()[:60])
    with pytest.raises(ReadError, match=r"1\.png"):
        FramesReader(path=tmp_path).read(CONTEXT)


def test_readers_are_values(tmp_path):
    assert ImageReader(path=tmp_path) == ImageReader(path=tmp_path)
    assert hash(VideoReader(path=tmp_path, frames="0..2")) == hash(VideoReader(path=tmp_path, frames="0..2"))


# a, b, c, d of QuickTime's matrix: x' = a x + c y and y' = b x + d y, with y pointing down
@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((1, 0, 0, 1), (0, 0)),
        ((0, 1, -1, 0), (0, -1)),
        ((-1, 0, 0, -1), (-1, -1)),
        ((0, -1, 1, 0), (-1, 0)),
    ],
)
def test_a_phone_held_another_way(tmp_path, matrix, corner):
    video = torch.zeros(3, 1, 32, 48)
    video[:, :, :8, :8] = 1.0
    path = tmp_path / "a.mp4"
    write_video(path, video)
    stored = path.read_bytes()
    upright = b"".join(number.to_bytes(4, "big") for number in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    at = stored.index(upright, stored.index(b"tkhd"))
    a, b, c, d = (round(number * 0x10000).to_bytes(4, "big", signed=True) for number in matrix)
    turned = a + b + bytes(4) + c + d + bytes(4)
    path.write_bytes(stored[:at] + turned + stored[at + len(turned) :])
    read = VideoReader(path=path).read(CONTEXT).video[0, :, 0]
    assert read.shape[1:] == ((32, 48) if matrix[0] else (48, 32))
    assert read[:, corner[0], corner[1]].min() > 0.9
    assert read.mean() < 0.2
