import hashlib
import re

import av
import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.errors import ComponentError, ReadError
from invsolve.media import ImageReader, ReadContext, write_png

CONTEXT = ReadContext()


def values(path, **fields):
    return ImageReader(path=path, **fields).read(CONTEXT).video


def as_hwc(video):
    return video[0, :, 0].permute(1, 2, 0).numpy()


def test_colour_is_scaled_and_described(save, picture):
    path = save("photo.png", picture)
    recording = ImageReader(path=path).read(CONTEXT)
    assert recording.video.dtype == torch.float32
    assert recording.video.shape == (1, 3, 1, 12, 17)
    np.testing.assert_allclose(as_hwc(recording.video), picture / 255, atol=1e-7)
    assert recording.space.shape == (3, 1, 12, 17)
    assert recording.space.transfer == "srgb"
    assert recording.name == "photo"
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_grey_has_one_channel_unless_asked_otherwise(save, picture):
    path = save("grey.png", picture[..., 0])
    assert values(path).shape == (1, 1, 1, 12, 17)
    rgb = values(path, channels="rgb")
    assert rgb.shape == (1, 3, 1, 12, 17)
    assert torch.equal(rgb[:, 0], rgb[:, 2])


def test_colour_as_grey_is_its_luminance(save, picture):
    grey = values(save("photo.png", picture), channels="grey")
    np.testing.assert_allclose(as_hwc(grey)[..., 0], picture @ [0.2126, 0.7152, 0.0722] / 255, atol=1e-6)


def test_sixteen_bit_grey_keeps_its_precision(save):
    pixels = np.arange(40, dtype=np.uint16).reshape(5, 8) + 30000
    np.testing.assert_allclose(as_hwc(values(save("deep.png", pixels)))[..., 0], pixels / 65535, rtol=1e-7)


def test_sixteen_bit_colour_keeps_its_precision(tmp_path):
    pixels = (np.arange(3 * 40).reshape(5, 8, 3) * 3 + 30000).astype(np.uint16)
    path = tmp_path / "deep.tiff"
    encoder = av.CodecContext.create("tiff", "w")
    encoder.height, encoder.width, encoder.pix_fmt = 5, 8, "rgb48le"
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb48le")
    path.write_bytes(b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]))
    np.testing.assert_allclose(as_hwc(values(path)), pixels / 65535, rtol=1e-7)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [8, 16])
def test_png_round_trip(tmp_path, channels, bits):
    levels = 2**bits - 1
    video = torch.randint(0, levels + 1, (channels, 7, 9), generator=torch.Generator().manual_seed(0)) / levels
    write_png(tmp_path / "a.png", video, bits=bits)
    torch.testing.assert_close(values(tmp_path / "a.png")[0, :, 0], video, rtol=0, atol=1e-7)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("bits", [8, 16])
def test_exif_orientation_is_undone(tmp_path, picture, orientation, bits):
    upright = Image.fromarray(picture)
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        # stored turned one way, to be turned back the other way
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if undo is None else upright.transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    if bits == 8:
        stored.save(path, exif=exif)
    else:
        pixels = torch.from_numpy(np.array(stored)).permute(2, 0, 1) / 255
        write_png(path, pixels, bits=16)
        path.write_bytes(with_exif(path.read_bytes(), exif))
    np.testing.assert_allclose(as_hwc(values(path)), picture / 255, atol=1e-5)


def with_exif(png, exif):
    """Put an eXIf chunk behind the header of a PNG file."""
    import zlib

    body = b"eXIf" + exif.tobytes().removeprefix(b"Exif\x00\x00")
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return png[:33] + chunk + png[33:]


def test_opaque_alpha_is_dropped(save, picture):
    rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    np.testing.assert_allclose(as_hwc(values(save("a.png", rgba))), picture / 255, atol=1e-7)


@pytest.mark.parametrize(("alpha", "expected"), [("white", 0.4 * 0.2 + 0.8), ("black", 0.4 * 0.2), ("drop", 0.4)])
def test_transparency_needs_a_choice(save, alpha, expected):
    rgba = np.full((4, 5, 4), [102, 102, 102, 51], np.uint8)
    path = save("a.png", rgba)
    with pytest.raises(ReadError, match=r"transparent in 20 of 20 pixels.*alpha: white"):
        values(path)
    np.testing.assert_allclose(as_hwc(values(path, alpha=alpha)), expected, atol=1e-6)


def test_grey_with_alpha(save):
    path = save("a.png", np.full((4, 5, 2), [102, 51], np.uint8))
    assert values(path, alpha="black").shape == (1, 1, 1, 4, 5)


def test_palette_and_bilevel_and_cmyk(tmp_path, picture):
    image = Image.fromarray(picture)
    image.quantize(256).save(tmp_path / "palette.png")
    image.convert("1").save(tmp_path / "bilevel.png")
    image.convert("CMYK").save(tmp_path / "cmyk.tiff")
    assert values(tmp_path / "palette.png").shape == (1, 3, 1, 12, 17)
    assert set(values(tmp_path / "bilevel.png").unique().tolist()) == {0.0, 1.0}
    np.testing.assert_allclose(as_hwc(values(tmp_path / "cmyk.tiff")), picture / 255, atol=0.01)


def test_palette_with_transparency_needs_a_choice(tmp_path, picture):
    image = Image.fromarray(picture).quantize(16)
    image.save(tmp_path / "palette.png", transparency=3)
    with pytest.raises(ReadError, match=r"transparent"):
        values(tmp_path / "palette.png")


def test_float_pictures(tmp_path):
    inside = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    Image.fromarray(inside).save(tmp_path / "float.tiff")
    np.testing.assert_allclose(as_hwc(values(tmp_path / "float.tiff"))[..., 0], inside)
    Image.fromarray(inside * 3).save(tmp_path / "bright.tiff")
    with pytest.raises(ReadError, match=r"values in \[0, 3\], expected \[0, 1\]"):
        values(tmp_path / "bright.tiff")


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"crop": "8x6"}, (8, 6)),
        ({"crop": "8x6+4+11"}, (8, 6)),
        ({"size": "6x6"}, (6, 6)),
        ({"size": "24x50"}, (24, 50)),
        ({"longest_side": 8}, (6, 8)),
        ({"longest_side": 100}, (12, 17)),
        ({"crop": "10x10", "size": "5x7", "longest_side": 3}, (2, 3)),
    ],
)
def test_crop_and_size(save, picture, fields, shape):
    path = save("photo.png", picture)
    recording = ImageReader(path=path, **fields).read(CONTEXT)
    assert recording.video.shape[-2:] == shape
    assert (recording.space.height, recording.space.width) == shape
    assert recording.video.min() >= 0 and recording.video.max() <= 1


def test_crop_takes_the_corner_it_names(save, picture):
    cropped = values(save("photo.png", picture), crop="3x4+2+5")
    np.testing.assert_allclose(as_hwc(cropped), picture[2:5, 5:9] / 255, atol=1e-7)


def test_scaling_keeps_a_constant_constant(save):
    scaled = values(save("flat.png", np.full((30, 41, 3), 77, np.uint8)), size="13x19")
    torch.testing.assert_close(scaled, torch.full_like(scaled, 77 / 255), rtol=0, atol=1e-6)


@pytest.mark.parametrize("fields", [{"size": "12"}, {"size": "0x4"}, {"crop": "4"}, {"crop": "4x4+1"}])
def test_a_wrong_size_is_refused_at_once(tmp_path, fields):
    with pytest.raises(ComponentError, match=r"HEIGHTxWIDTH"):
        ImageReader(path=tmp_path / "a.png", **fields)


def test_a_crop_outside_of_the_picture(save, picture):
    with pytest.raises(ReadError, match=r"12x17 pixels.*crop '13x4' does not fit"):
        values(save("photo.png", picture), crop="13x4")


def test_missing(tmp_path, save, picture):
    save("photo.png", picture)
    with pytest.raises(ReadError, match=r"foto\.png does not exist\. Did you mean 'photo\.png'"):
        values(tmp_path / "foto.png")
    with pytest.raises(ReadError, match=r"Neither does the folder"):
        values(tmp_path / "nowhere" / "photo.png")


def test_folder(tmp_path):
    with pytest.raises(ReadError, match=r"is a folder.*read: frames"):
        values(tmp_path)


def test_empty(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(ReadError, match=r"is empty"):
        values(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp"])
@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
def test_cut_short(tmp_path, suffix, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ReadError, match=re.escape(str(path))):
        values(path)


def test_cut_short_sixteen_bit_colour(tmp_path):
    write_png(tmp_path / "a.png", torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(0)), bits=16)
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReadError, match=r"damaged or cut short"):
        values(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("head", "hint"),
    [
        (b"hello world, I am a text", "begins with b'hello wo'"),
        (b"\x00\x00\x00\x20ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00", "read: video"),
        (b"PK\x03\x04 and more", "read: npz"),
    ],
)
def test_not_a_picture(tmp_path, head, hint):
    path = tmp_path / "a.png"
    path.write_bytes(head + bytes(100))
    with pytest.raises(ReadError, match=hint):
        values(path)


def test_an_animation_is_a_video(tmp_path, picture):
    path = tmp_path / "a.gif"
    Image.fromarray(picture).save(path, save_all=True, append_images=[Image.fromarray(255 - picture)])
    with pytest.raises(ReadError, match=r"animation of 2 frames.*read: video"):
        values(path)


@pytest.mark.parametrize("suffix", ["png", "webp", "bmp", "jpg", "tif"])
@pytest.mark.parametrize("fields", [{}, {"crop": "5x6+1+2"}, {"longest_side": 9}])
def test_pillow_s_own_limit_is_not_ours(save, picture, monkeypatch, suffix, fields):
    path = save(f"a.{suffix}", picture)
    expected = values(path, **fields)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 50)
    assert torch.equal(values(path, **fields), expected)


def test_too_large(tmp_path, save, picture, monkeypatch):
    path = save("a.png", picture)
    monkeypatch.setattr("invsolve.media.memory_limit.LARGEST", 50)
    with pytest.raises(ReadError, match=r"too large"):
        values(path)


def test_unreadable(tmp_path, save, picture, monkeypatch):
    path = save("a.png", picture)
    monkeypatch.setattr(
        "pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    with pytest.raises(ReadError, match=r"cannot be read: Permission denied"):
        values(path)
