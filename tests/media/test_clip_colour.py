"""Y'CbCr of any depth, range, matrix and subsampling as RGB, against the definition in float64."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from invsolve.errors import ReadError
from invsolve.media import ReadContext, VideoReader

CONTEXT = ReadContext()
LUMA = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
CODES = {"bt601": 6, "bt709": 1, "bt2020": 9}


def read(path, **fields):
    return VideoReader(path=path, **fields).read(CONTEXT)


def write(path, planes, pix_fmt, frames=2, codec="ffv1", **tags):
    """Frames whose planes hold these integers ``h w``, without loss, as they are."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width = planes[0].shape
        stream.pix_fmt = pix_fmt
        context = stream.codec_context
        for name, value in tags.items():
            setattr(context, name, value)
        for number in range(frames):
            frame = av.VideoFrame(stream.width, stream.height, pix_fmt)
            for plane, levels in zip(frame.planes, planes, strict=True):
                wide = np.zeros((plane.height, plane.line_size // levels.dtype.itemsize), levels.dtype)
                wide[:, : plane.width] = levels
                plane.update(wide.tobytes())
            for name, value in tags.items():
                setattr(frame, name, value)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def ideal(y, cb, cr, matrix, bits, span):
    kr, kb = LUMA[matrix]
    step = 2 ** (bits - 8)
    luma = (y - 16 * step) / (219 * step) if span == "limited" else y / (2**bits - 1)
    reach = 224 * step if span == "limited" else 2**bits - 1
    blue, red = (cb - 128 * step) / reach, (cr - 128 * step) / reach
    r, b = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
    return np.clip([r, (luma - kr * r - kb * b) / (1 - kr - kb), b], 0, 1)


def stored(rgb, matrix, bits, span):
    kr, kb = LUMA[matrix]
    step = 2 ** (bits - 8)
    luma = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2]
    blue, red = (rgb[2] - luma) / 2 / (1 - kb), (rgb[0] - luma) / 2 / (1 - kr)
    if span == "limited":
        return [round(16 * step + 219 * step * luma), *(round(128 * step + 224 * step * c) for c in (blue, red))]
    return [round((2**bits - 1) * luma), *(round(128 * step + (2**bits - 1) * c) for c in (blue, red))]


@pytest.mark.parametrize("matrix", LUMA)
@pytest.mark.parametrize("span", ["limited", "full"])
@pytest.mark.parametrize(
    ("pix_fmt", "bits", "down", "across"),
    [("yuv420p", 8, 2, 2), ("yuv422p", 8, 1, 2), ("yuv444p", 8, 1, 1), ("yuv420p10le", 10, 2, 2), ("yuv411p", 8, 1, 4)],
)
def test_flat_colours_have_no_bias(tmp_path, matrix, span, pix_fmt, bits, down, across):
    kind = np.uint16 if bits > 8 else np.uint8
    errors = []
    for seed in range(4):
        y, cb, cr = stored(np.random.default_rng(seed).uniform(0.1, 0.9, 3), matrix, bits, span)
        planes = [np.full((32, 32), y, kind), *(np.full((32 // down, 32 // across), c, kind) for c in (cb, cr))]
        path = write(
            tmp_path / f"{seed}.mkv",
            planes,
            pix_fmt,
            colorspace=CODES[matrix],
            color_range=1 if span == "limited" else 2,
        )
        found = 255 * read(path, frames=1, primaries="srgb").video[0, :, 0].double().numpy()
        errors.append(found - 255 * ideal(y, cb, cr, matrix, bits, span)[:, None, None])
    assert np.abs(errors).max() < 0.001


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p12le", "yuv444p16le", "gray10le", "gray12le"])
def test_black_and_white_of_deep_video(tmp_path, pix_fmt):
    bits = int(pix_fmt.rstrip("le").rpartition("p" if "yuv" in pix_fmt else "y")[2])
    step = 2 ** (bits - 8)
    levels = np.full((32, 32), 235 * step, np.uint16)
    levels[:16] = 16 * step
    chroma = (32 if "yuv420" not in pix_fmt else 16, 16 if "444" not in pix_fmt else 32)
    planes = [levels] if "gray" in pix_fmt else [levels, *[np.full(chroma, 128 * step, np.uint16)] * 2]
    video = read(write(tmp_path / "a.mkv", planes, pix_fmt, color_range=1)).video
    assert video[..., :16, :].eq(0).all()
    torch.testing.assert_close(video[..., 16:, :], torch.ones_like(video[..., 16:, :]), rtol=0, atol=1e-6)


@pytest.mark.parametrize("span", [1, 2])
def test_grey_in_both_ranges(tmp_path, span):
    path = write(tmp_path / "a.mkv", [np.full((32, 32), 126, np.uint8)], "gray", color_range=span)
    recording = read(path)
    assert recording.space.channels == 1
    assert recording.video.mean() == pytest.approx(110 / 219 if span == 1 else 126 / 255, abs=1e-6)
    assert read(path, range="full").video.mean() == pytest.approx(126 / 255, abs=1e-6)


def test_chroma_lies_on_every_other_column(tmp_path):
    luma = np.full((16, 32), 126, np.uint8)
    ramp = np.repeat(np.arange(100, 164, 4, dtype=np.uint8)[None], 8, axis=0)
    path = write(
        tmp_path / "a.mkv", [luma, np.full((8, 16), 128, np.uint8), ramp], "yuv420p", colorspace=1, color_range=1
    )
    red = read(path).video[0, 0, 0].double().numpy()
    at = np.interp(np.arange(32), np.arange(0, 32, 2), np.arange(100, 164, 4))
    expected = 110 / 219 + 2 * (1 - 0.2126) * (at - 128) / 224
    np.testing.assert_allclose(red[0], np.clip(expected, 0, 1), atol=1e-6)


def test_chroma_lies_between_rows(tmp_path):
    luma = np.full((16, 16), 126, np.uint8)
    ramp = np.repeat(np.arange(100, 132, 4, dtype=np.uint8)[:, None], 8, axis=1)
    path = write(
        tmp_path / "a.mkv", [luma, np.full((8, 8), 128, np.uint8), ramp], "yuv420p", colorspace=1, color_range=1
    )
    red = read(path).video[0, 0, 0].double().numpy()
    at = np.interp(np.arange(16), np.arange(0.5, 16, 2), np.arange(100, 132, 4))
    expected = 110 / 219 + 2 * (1 - 0.2126) * (at - 128) / 224
    np.testing.assert_allclose(red[:, 0], np.clip(expected, 0, 1), atol=1e-6)


@pytest.mark.parametrize(("height", "pix_fmt"), [(16, "yuv420p"), (200, "yuv420p10le"), (17, "yuv420p")])
def test_chroma_of_bt2020_lies_on_every_other_row(tmp_path, height, pix_fmt):
    kind, scale = (np.dtype("<u2"), 4) if "10" in pix_fmt else (np.dtype("u1"), 1)
    half = (height + 1) // 2
    levels = scale * (100 + 56 * np.arange(half) // half)
    ramp = np.repeat(levels.astype(kind)[:, None], 8, axis=1)
    planes = [np.full((height, 16), 126 * scale, kind), np.full((half, 8), 128 * scale, kind), ramp]
    path = write(tmp_path / "a.mkv", planes, pix_fmt, colorspace=9, color_range=1, color_trc=8, color_primaries=1)
    red = read(path).video[0, 0, 0].double().numpy()
    at = np.interp(np.arange(height), np.arange(0, 2 * half, 2), levels) / scale
    expected = 110 / 219 + 2 * (1 - 0.2627) * (at - 128) / 224
    np.testing.assert_allclose(red[:, 0], np.clip(expected, 0, 1), atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(17, 33), (1, 1), (2, 5)])
def test_odd_sizes(tmp_path, height, width):
    half = ((height + 1) // 2, (width + 1) // 2)
    planes = [np.full((height, width), 63, np.uint8), np.full(half, 102, np.uint8), np.full(half, 240, np.uint8)]
    video = read(write(tmp_path / "a.mkv", planes, "yuv420p", colorspace=1, color_range=1)).video
    assert video.shape[-2:] == (height, width)
    wanted = torch.from_numpy(ideal(63, 102, 240, "bt709", 8, "limited")).float()
    torch.testing.assert_close(video[0, :, 0], wanted[:, None, None].expand(-1, height, width), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("size", "guessed"), [((16, 16), "bt601"), ((578, 16), "bt709"), ((16, 1280), "bt709")])
def test_a_guess_is_told_and_can_be_put_right(tmp_path, size, guessed):
    half = (size[0] // 2, size[1] // 2)
    planes = [np.full(size, 63, np.uint8), np.full(half, 102, np.uint8), np.full(half, 240, np.uint8)]
    path = write(tmp_path / "a.mkv", planes, "yuv420p")
    recording = read(path)
    assert f"matrix {guessed}" in recording.notes[0]
    for matrix in ("bt601", "bt709", None):
        found = read(path, matrix=matrix).video[0, :, 0, 0, 0].double().numpy()
        np.testing.assert_allclose(found, ideal(63, 102, 240, matrix or guessed, 8, "limited"), atol=1e-6)
    told = read(path, matrix="bt709", range="limited", transfer="srgb", primaries="srgb")
    assert told.notes == ()


@pytest.mark.parametrize(
    ("code", "transfer"),
    [(1, "srgb"), (4, "gamma:2.2"), (5, "gamma:2.8"), (8, "linear"), (13, "srgb"), (16, "pq"), (18, "hlg")],
)
def test_declared_transfer(tmp_path, code, transfer):
    planes = [np.full((16, 16), 126, np.uint8)] * 3
    path = write(tmp_path / "a.mkv", planes, "yuv444p", color_trc=code, colorspace=1)
    assert read(path).space.transfer == transfer
    assert read(path, transfer="gamma:2.4").space.transfer == "gamma:2.4"


@pytest.mark.parametrize(
    ("code", "what"), [({"color_trc": 9}, "characteristics 9"), ({"colorspace": 14}, "coefficients 14")]
)
def test_what_has_no_name_is_refused_with_the_way_out(tmp_path, code, what):
    path = write(tmp_path / "a.mkv", [np.full((16, 16), 126, np.uint8)] * 3, "yuv444p", **code)
    with pytest.raises(ReadError, match=rf"{what}.*[Ww]rite"):
        read(path)
    assert read(path, transfer="srgb", matrix="bt709").space.frames == 2


def test_primaries_are_converted_in_linear_light(tmp_path):
    levels = stored(np.array([200, 60, 40]) / 255, "bt709", 16, "limited")
    planes = [np.full((16, 16), level, np.uint16) for level in levels]
    path = write(
        tmp_path / "a.mkv", planes, "yuv444p16le", color_primaries=12, color_trc=13, colorspace=1, color_range=1
    )
    found = 255 * read(path).video[0, :, 0, 0, 0]
    torch.testing.assert_close(found, torch.tensor([217.5, 41.6, 22.7]), rtol=0, atol=0.1)
    kept = 255 * read(path, primaries="srgb").video[0, :, 0, 0, 0]
    torch.testing.assert_close(kept, torch.tensor([200.0, 60, 40]), rtol=0, atol=0.01)
    with pytest.raises(ReadError, match=r"display-p3.*`primaries: srgb`"):
        read(path, transfer="unknown")
    assert read(path, transfer="unknown", primaries="srgb").space.transfer == "unknown"


CODECS = {
    "rgb24": ("png", "mov"),
    "rgba": ("png", "mov"),
    "bgr0": ("ffv1", "mkv"),
    "bgra": ("ffv1", "mkv"),
    "gbrp": ("magicyuv", "avi"),
    "gbrap": ("magicyuv", "avi"),
    "yuva420p": ("ffv1", "mkv"),
    "yuva444p10le": ("ffv1", "mkv"),
}


def encode(tmp_path, pixels, pix_fmt):
    codec, suffix = CODECS[pix_fmt]
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = *pixels.shape[:2], pix_fmt
        frame = av.VideoFrame.from_ndarray(pixels, format="rgba" if pixels.shape[-1] == 4 else "rgb24")
        container.mux(stream.encode(frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("pix_fmt", ["rgb24", "bgr0", "gbrp"])
def test_rgb_is_left_as_it_is(tmp_path, pix_fmt):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = read(encode(tmp_path, pixels, pix_fmt)).video[0, :, 0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(found, pixels / 255, atol=1e-6)


def test_packed_rgb_of_sixteen_bits(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 65536, (16, 16, 3), dtype=np.uint16)
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.height, stream.width, stream.pix_fmt = 16, 16, "rgb48be"
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb48le")
        container.mux(stream.encode(frame.reformat(format="rgb48be")))
        container.mux(stream.encode(None))
    found = read(tmp_path / "a.mov").video[0, :, 0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(found, pixels / 65535, atol=1e-6)


def test_rgb_of_ten_bits(tmp_path):
    green, blue, red = planes = np.random.default_rng(0).integers(0, 1024, (3, 16, 16)).astype(np.uint16)
    found = read(write(tmp_path / "a.mkv", list(planes), "gbrp10le")).video[0, :, 0].numpy()
    np.testing.assert_allclose(found, np.stack([red, green, blue]) / 1023, atol=1e-7)


@pytest.mark.parametrize("pix_fmt", ["yuva420p", "yuva444p10le", "gbrap", "rgba", "bgra"])
def test_transparent_frames_need_a_choice(tmp_path, pix_fmt):
    pixels = np.full((16, 16, 4), [200, 100, 50, 255], np.uint8)
    pixels[:8, :, 3] = 0
    path = encode(tmp_path, pixels, pix_fmt)
    with pytest.raises(ReadError, match=r"frame 0 of .* transparent in 128 of 256 pixels.*alpha: drop"):
        read(path)
    assert read(path, alpha="white").video[..., :8, :].eq(1).all()
    assert read(path, alpha="black").video[..., :8, :].eq(0).all()
    assert abs(255 * read(path, alpha="drop").video[0, 0, 0, 0, 0] - 200) < 3
