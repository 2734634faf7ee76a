"""What a picture file declares of its light and colours is obeyed."""

import struct
import zlib

import imagecodecs
import numpy as np
import OpenEXR
import pytest
import torch
from PIL import Image, ImageCms

from invsolve.errors import ComponentError, ReadError
from invsolve.media import FramesReader, ImageReader, ReadContext, VideoReader
from invsolve.video.transfer import in_transfer

CONTEXT = ReadContext()
FLAT = np.full((4, 5, 3), [200, 60, 40], np.uint8)
P3_IN_SRGB = (217.5, 41.6, 22.7)


def read(path, **fields):
    return ImageReader(path=path, **fields).read(CONTEXT)


def colour(recording):
    return 255 * recording.video[0, :, 0, 0, 0].numpy()


def profile(primaries, gamma):
    red, green, blue = primaries
    return imagecodecs.cms_profile(
        "rgb", whitepoint=[0.3127, 0.3290, 1], primaries=[*red, 1, *green, 1, *blue, 1], gamma=gamma
    )


P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
REC709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))


def with_chunk(path, kind, body):
    png = path.read_bytes()
    chunk = struct.pack(">I", len(body)) + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    path.write_bytes(png[:33] + chunk + png[33:])
    return path


def png(tmp_path, kind=None, body=b"", pixels=FLAT):
    path = tmp_path / "a.png"
    if pixels.dtype == np.uint16:
        path.write_bytes(imagecodecs.png_encode(pixels))
    else:
        Image.fromarray(pixels).save(path)
    return path if kind is None else with_chunk(path, kind, body)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp"])
@pytest.mark.parametrize("bits", [8, 16])
def test_an_icc_profile_of_display_p3(tmp_path, suffix, bits):
    srgb_curve = in_transfer(torch.tensor([200.0, 60.0, 40.0]) / 255, "srgb", "linear")
    stored = in_transfer(srgb_curve, "linear", "gamma:2.2").numpy()
    path = tmp_path / f"a.{suffix}"
    icc = profile(P3, 2.2)
    if bits == 8:
        pixels = np.full((16, 16, 3), np.round(255 * stored), np.uint8)
        options = (
            {"lossless": True} if suffix == "webp" else {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
        )
        Image.fromarray(pixels).save(path, icc_profile=icc, **options)
    elif suffix == "png":
        path.write_bytes(imagecodecs.png_encode(np.full((4, 5, 3), 65535 * stored, np.uint16)))
        with_chunk(path, b"iCCP", b"P3\0\0" + zlib.compress(icc))
    elif suffix == "tiff":
        import tifffile

        tifffile.imwrite(path, np.full((4, 5, 3), 65535 * stored, np.uint16), photometric="rgb", iccprofile=icc)
    else:
        pytest.skip("8 bits only")
    recording = read(path)
    assert recording.space.transfer == "srgb"
    np.testing.assert_allclose(colour(recording), P3_IN_SRGB, atol=0.15 if bits == 16 else 1.5)


def test_a_profile_of_srgb_leaves_every_value_as_it_is(tmp_path, picture):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(picture).save(tmp_path / "a.png", icc_profile=icc)
    Image.fromarray(picture).save(tmp_path / "b.png")
    assert torch.equal(read(tmp_path / "a.png").video, read(tmp_path / "b.png").video)


def test_a_profile_of_linear_light(tmp_path, picture):
    Image.fromarray(picture).save(tmp_path / "a.png", icc_profile=profile(REC709, 1.0))
    recording = read(tmp_path / "a.png")
    assert recording.space.transfer == "linear"
    np.testing.assert_allclose(recording.video[0, :, 0].permute(1, 2, 0) * 255, picture, atol=1e-3)
    Image.fromarray(FLAT).save(tmp_path / "b.png", icc_profile=profile(P3, 1.0))
    light = read(tmp_path / "b.png")
    assert light.space.transfer == "linear"
    assert light.video[0, 0, 0, 0, 0] > 200 / 255


def test_a_profile_of_grey(tmp_path):
    levels = np.linspace(0, 255, 20).astype(np.uint8).reshape(4, 5)
    grey = imagecodecs.cms_profile("gray", whitepoint=[0.3127, 0.3290, 1], gamma=1.8)
    Image.fromarray(levels).save(tmp_path / "a.png", icc_profile=grey)
    expected = in_transfer(torch.from_numpy((levels / 255.0) ** 1.8), "linear", "srgb")
    recording = read(tmp_path / "a.png")
    assert recording.space.shape == (1, 1, 4, 5)
    torch.testing.assert_close(recording.video[0, 0, 0].double(), expected, rtol=0, atol=2e-3)


def test_what_a_recipe_says_goes_before_a_profile(tmp_path):
    Image.fromarray(FLAT).save(tmp_path / "a.png", icc_profile=profile(P3, 2.2))
    recording = read(tmp_path / "a.png", transfer="gamma:2.2")
    assert recording.space.transfer == "gamma:2.2"
    np.testing.assert_allclose(colour(recording), FLAT[0, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "body", "transfer"),
    [
        (b"gAMA", struct.pack(">I", 100000), "linear"),
        (b"gAMA", struct.pack(">I", 45455), "gamma:2.2"),
        (b"gAMA", struct.pack(">I", 55556), "gamma:1.8"),
        (b"sRGB", b"\0", "srgb"),
        (b"cICP", bytes([1, 16, 0, 1]), "pq"),
        (b"cICP", bytes([1, 18, 0, 1]), "hlg"),
        (b"cICP", bytes([1, 13, 0, 1]), "srgb"),
        (b"cICP", bytes([1, 8, 0, 1]), "linear"),
    ],
)
@pytest.mark.parametrize("bits", [8, 16])
def test_chunks_of_a_png(tmp_path, kind, body, transfer, bits):
    pixels = FLAT if bits == 8 else FLAT.astype(np.uint16) * 257
    recording = read(png(tmp_path, kind, body, pixels))
    assert recording.space.transfer == transfer
    np.testing.assert_allclose(colour(recording), FLAT[0, 0], atol=1e-4)


def test_primaries_of_a_png(tmp_path):
    chromaticities = [0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060]
    path = png(tmp_path, b"cICP", bytes([12, 13, 0, 1]))
    np.testing.assert_allclose(colour(read(path)), P3_IN_SRGB, atol=0.1)
    np.testing.assert_allclose(colour(read(path, primaries="srgb")), FLAT[0, 0], atol=1e-4)
    path = png(tmp_path, b"cHRM", struct.pack(">8I", *(round(1e5 * c) for c in chromaticities)))
    np.testing.assert_allclose(colour(read(path)), P3_IN_SRGB, atol=0.1)
    path = png(tmp_path, b"sRGB", b"\0")
    np.testing.assert_allclose(colour(read(path, primaries="display-p3")), P3_IN_SRGB, atol=0.1)


def test_the_first_in_rank_counts(tmp_path):
    path = png(tmp_path, b"gAMA", struct.pack(">I", 45455))
    assert read(with_chunk(path, b"sRGB", b"\0")).space.transfer == "srgb"
    assert read(with_chunk(path, b"cICP", bytes([1, 18, 0, 1]))).space.transfer == "hlg"


@pytest.mark.parametrize(("body", "message"), [([1, 9, 0, 1], "characteristics 9"), ([77, 13, 0, 1], "primaries 77")])
def test_code_points_without_a_name(tmp_path, body, message):
    with pytest.raises(ReadError, match=message):
        read(png(tmp_path, b"cICP", bytes(body)))


def test_primaries_that_nothing_knows(tmp_path):
    with pytest.raises(ComponentError, match=r"primaries must be one of srgb, .*got 'p3'"):
        ImageReader(path=tmp_path, primaries="p3")
    path = png(tmp_path, b"cICP", bytes([9, 13, 0, 1]))
    with pytest.raises(ReadError, match=r"primaries bt2020.*in linear light.*`primaries: srgb`"):
        read(path, transfer="unknown")


def test_adobe_rgb_of_a_camera(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    Image.fromarray(np.full((16, 16, 3), [100, 150, 100], np.uint8)).save(
        tmp_path / "a.jpg", exif=exif, quality=100, subsampling=0
    )
    recording = read(tmp_path / "a.jpg")
    assert recording.space.transfer == "gamma:2.199"
    # by the published matrices: linear (0.1277, 0.3114, 0.1277) in Adobe RGB is (0.0546, 0.3114, 0.1197) in sRGB's
    np.testing.assert_allclose(colour(recording), [67.9, 150.0, 97.1], atol=1.5)


@pytest.mark.parametrize("channels", ["RGB", "Y", "RGBA"])
def test_exr_is_linear_and_unclipped(tmp_path, channels):
    light = np.random.default_rng(0).random((6, 7, len(channels))).astype(np.float32) * 8
    if channels == "RGBA":
        light[..., 3] = 1
    path = tmp_path / "a.exr"
    stored = light[..., 0] if channels == "Y" else light
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION}, {channels: stored}).write(str(path))
    recording = read(path)
    assert recording.space.transfer == "linear"
    np.testing.assert_array_equal(recording.video[0, :, 0].permute(1, 2, 0), light[..., :3])
    assert read(path, outside="clip").video.max() == 1
    with pytest.raises(ReadError, match=r"outside: keep"):
        read(path, outside="refuse")
    assert read(path, size="3x3").video.max() > 1.5
    with pytest.raises(ReadError, match=r"OpenEXR picture. Write `read: image`"):
        VideoReader(path=path).read(CONTEXT)


def test_exr_windows_parts_and_half(tmp_path):
    path = tmp_path / "a.exr"
    red = np.full((2, 3), 2.0, np.float16)
    header = {"dataWindow": ((1, 1), (3, 2)), "displayWindow": ((0, 0), (4, 3))}
    OpenEXR.File(header, {"R": red, "G": red, "B": red}).write(str(path))
    video = read(path).video[0, 0, 0]
    assert video.shape == (4, 5)
    assert video[1:3, 1:4].eq(2).all() and video.sum() == 12
    parts = [
        OpenEXR.Part({"name": n}, {"Y": np.full((2, 2), v, np.float32)}, name=n) for n, v in (("left", 1), ("right", 3))
    ]
    OpenEXR.File(parts).write(str(path))
    with pytest.raises(ReadError, match=r"2 parts \(left, right\)"):
        read(path)
    assert read(path, page=1).video.mean() == 3


def test_netpbm_at_its_depth(tmp_path):
    levels = np.arange(60, dtype=np.uint16).reshape(4, 5, 3) * 17
    (tmp_path / "a.ppm").write_bytes(b"P6\n5 4\n1023\n" + levels.astype(">u2").tobytes())
    np.testing.assert_allclose(read(tmp_path / "a.ppm").video[0, :, 0].permute(1, 2, 0), levels / 1023, atol=1e-7)
    (tmp_path / "a.pgm").write_bytes(b"P5\n5 4\n4095\n" + levels[..., 0].astype(">u2").tobytes())
    np.testing.assert_allclose(read(tmp_path / "a.pgm").video[0, 0, 0], levels[..., 0] / 4095, atol=1e-7)
    (tmp_path / "b.pgm").write_text("P2\n2 2\n300\n0 150\n300 3\n")
    np.testing.assert_allclose(read(tmp_path / "b.pgm").video[0, 0, 0], [[0, 0.5], [1, 0.01]], atol=1e-7)
    (tmp_path / "a.pbm").write_text("P1\n3 1\n0 1 0\n")
    np.testing.assert_allclose(read(tmp_path / "a.pbm").video[0, 0, 0], [[1, 0, 1]])


@pytest.mark.parametrize(("magic", "c"), [(b"PF", 3), (b"Pf", 1)])
@pytest.mark.parametrize(("scale", "order"), [(b"-1.0", "<f4"), (b"1.0", ">f4")])
def test_pfm_is_linear_and_stands_upright(tmp_path, magic, c, scale, order):
    light = np.arange(4 * 5 * c, dtype=np.float32).reshape(4, 5, c)
    (tmp_path / "a.pfm").write_bytes(magic + b"\n5 4\n" + scale + b"\n" + light[::-1].astype(order).tobytes())
    recording = read(tmp_path / "a.pfm")
    assert recording.space.transfer == "linear"
    np.testing.assert_array_equal(recording.video[0, :, 0].permute(1, 2, 0), light)


@pytest.mark.parametrize("bits", [10, 12])
def test_jpeg_2000_and_avif_at_their_depth(tmp_path, bits):
    levels = np.random.default_rng(0).integers(0, 2**bits, (16, 16, 3)).astype(np.uint16)
    (tmp_path / "a.jp2").write_bytes(imagecodecs.jpeg2k_encode(levels, bitspersample=bits, level=0, codecformat="jp2"))
    found = read(tmp_path / "a.jp2").video[0, :, 0].permute(1, 2, 0)
    np.testing.assert_allclose(found, levels / (2**bits - 1), atol=1e-6)
    (tmp_path / "a.avif").write_bytes(imagecodecs.avif_encode(levels, level=100, bitspersample=bits))
    found = read(tmp_path / "a.avif").video[0, :, 0].permute(1, 2, 0)
    np.testing.assert_allclose(found, levels / (2**bits - 1), atol=1.5 / (2**bits - 1))


def test_grey_with_alpha_in_sixteen_bits(tmp_path):
    levels = np.full((4, 5, 2), [40000, 65535], np.uint16)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(levels))
    np.testing.assert_allclose(read(tmp_path / "a.png").video, 40000 / 65535, rtol=1e-6)
    levels[..., 1] = 0
    (tmp_path / "b.png").write_bytes(imagecodecs.png_encode(levels))
    with pytest.raises(ReadError, match=r"transparent in 20 of 20"):
        read(tmp_path / "b.png")


def test_twelve_bits_in_sixteen(tmp_path):
    levels = np.arange(0, 4096, 128, dtype=np.uint16).reshape(4, 8)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(levels))
    np.testing.assert_allclose(read(tmp_path / "a.png", white=4095).video[0, 0, 0], levels / 4095, atol=1e-7)


@pytest.mark.parametrize("transfer", ["srgb", "linear", "unknown"])
def test_a_chequerboard_is_scaled_in_light(tmp_path, transfer):
    board = (np.indices((32, 32)).sum(0) % 2 * 255).astype(np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(board).save(path)
    grey = 255 * read(path, size="4x4", transfer=transfer).video
    expected = 187.5 if transfer == "srgb" else 127.5
    torch.testing.assert_close(grey, torch.full_like(grey, expected), rtol=0, atol=0.6)


def test_frames_of_different_light(tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, kind in enumerate([None, b"gAMA"]):
        png(tmp_path, kind, struct.pack(">I", 100000)).rename(folder / f"{number}.png")
    with pytest.raises(ReadError, match=r"0\.png is srgb, 1\.png is linear. Write `transfer:`"):
        FramesReader(path=folder).read(CONTEXT)
    assert FramesReader(path=folder, transfer="srgb").read(CONTEXT).space.frames == 2


def test_more_pixels_than_pillow_takes(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (19000, 9500), 1).save(path, compress_level=1)
    assert read(path, crop="6x8").video.eq(1).all()
