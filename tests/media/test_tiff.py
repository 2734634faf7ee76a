"""Every way to store a picture in a TIFF file gives the same picture, or an honest refusal."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from invsolve.errors import ReadError
from invsolve.media import FramesReader, ImageReader, ReadContext, VideoReader

CONTEXT = ReadContext()
RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 65536, (37, 50, 3), dtype=np.uint16)
GREY = COLOUR[..., 0]


def read(path, reader=ImageReader, **fields):
    return reader(path=path, **fields).read(CONTEXT)


def pixels(path, **fields):
    return read(path, **fields).video[0, :, 0].permute(1, 2, 0).numpy()


def write(tmp_path, data, name="a.tif", **options):
    path = tmp_path / name
    tifffile.imwrite(path, data, **options)
    return path


@pytest.mark.parametrize("data", [COLOUR, GREY, (COLOUR >> 8).astype(np.uint8)], ids=["rgb16", "grey16", "rgb8"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tile": (16, 32)},
        {"rowsperstrip": 5},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "tile": (16, 16)},
        {"compression": "zstd"},
        {"compression": "packbits"},
        {"compression": "lzma", "bigtiff": True, "byteorder": ">"},
    ],
    ids=lambda options: "-".join(map(str, options.values())) or "plain",
)
def test_storage_does_not_change_the_picture(tmp_path, data, options):
    photometric = "rgb" if data.ndim == 3 else "minisblack"
    expected = (data if data.ndim == 3 else data[..., None]) / np.iinfo(data.dtype).max
    found = pixels(write(tmp_path, data, photometric=photometric, **options))
    np.testing.assert_allclose(found, expected, rtol=0, atol=6e-8)


def test_planes_stored_apart(tmp_path):
    path = write(tmp_path, COLOUR.transpose(2, 0, 1), photometric="rgb", planarconfig="separate", tile=(16, 16))
    np.testing.assert_allclose(pixels(path), COLOUR / 65535, rtol=0, atol=6e-8)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("data", [COLOUR / 65535, GREY / 65535], ids=["rgb", "grey"])
def test_floats(tmp_path, dtype, data):
    path = write(tmp_path, data.astype(dtype), photometric="rgb" if data.ndim == 3 else "minisblack")
    expected = data if data.ndim == 3 else data[..., None]
    np.testing.assert_allclose(pixels(path), expected, rtol=0, atol=5e-4 if dtype == np.float16 else 6e-8)
    assert "transfer: linear" in read(path).notes[0]
    assert read(path, transfer="linear").space.transfer == "linear"


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14])
def test_packed_bits(tmp_path, bits):
    levels = RNG.integers(0, 2**bits, (9, 16)).astype(np.bool_ if bits == 1 else np.uint8 if bits <= 8 else np.uint16)
    levels.flat[:2] = 0, 2**bits - 1
    options = {} if bits == 1 else {"bitspersample": bits}
    found = pixels(write(tmp_path, levels, photometric="minisblack", **options))
    np.testing.assert_allclose(found[..., 0], levels / (2**bits - 1), rtol=0, atol=1e-7)


@pytest.mark.parametrize(("dtype", "bits"), [(np.bool_, 1), (np.uint8, 8), (np.uint16, 12), (np.uint16, 16)])
def test_white_is_zero(tmp_path, dtype, bits):
    levels = RNG.integers(0, 2**bits, (9, 16)).astype(dtype)
    levels.flat[:2] = 0, 2**bits - 1
    options = {"bitspersample": 12} if bits == 12 else {}
    found = pixels(write(tmp_path, levels, photometric="miniswhite", **options))
    np.testing.assert_allclose(found[..., 0], 1 - levels / (2**bits - 1), rtol=0, atol=1e-7)


def test_a_palette(tmp_path):
    table = RNG.integers(0, 65536, (3, 256)).astype(np.uint16)
    indices = RNG.integers(0, 256, (9, 16)).astype(np.uint8)
    found = pixels(write(tmp_path, indices, photometric="palette", colormap=table))
    np.testing.assert_allclose(found, table.T[indices] / 65535, rtol=0, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.int16, np.int8, np.int32, np.uint32])
def test_numbers_without_a_white_are_named_as_they_are(tmp_path, dtype):
    levels = RNG.integers(0, 100, (9, 16)).astype(dtype)
    path = write(tmp_path, levels, photometric="minisblack")
    with pytest.raises(ReadError, match=rf"numbers of type {np.dtype(dtype).name}"):
        read(path)
    np.testing.assert_allclose(pixels(path, white=100)[..., 0], levels / 100, rtol=0, atol=1e-7)


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_alpha(tmp_path, kind):
    data = np.full((4, 5, 4), [40000, 20000, 10000, 32768], np.uint16)
    path = write(tmp_path, data, photometric="rgb", extrasamples=[kind])
    with pytest.raises(ReadError, match=r"transparent in 20 of 20 pixels"):
        read(path)
    share = 32768 / 65535
    light = np.array([40000, 20000, 10000]) / 65535
    black = light if kind == "assocalpha" else light * share
    np.testing.assert_allclose(pixels(path, alpha="black")[0, 0], black, atol=1e-6)
    np.testing.assert_allclose(pixels(path, alpha="white")[0, 0], black + 1 - share, atol=1e-6)


def test_channels_without_a_meaning(tmp_path):
    path = write(tmp_path, np.dstack([COLOUR, GREY]), photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_allclose(pixels(path), COLOUR / 65535, rtol=0, atol=6e-8)
    assert "without a stated meaning" in read(path).notes[0]
    many = write(tmp_path, RNG.random((9, 16, 7)).astype(np.float32), "b.tif", photometric="minisblack", planarconfig=1)
    with pytest.raises(ReadError, match=r"has 7 channels"):
        read(many)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(tmp_path, orientation):
    path = write(tmp_path, COLOUR, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    stored = COLOUR.swapaxes(0, 1) if orientation > 4 else COLOUR
    stored = stored[::-1] if orientation in (3, 4, 7, 8) else stored
    stored = stored[:, ::-1] if orientation in (2, 3, 6, 7) else stored
    np.testing.assert_allclose(pixels(path), stored / 65535, rtol=0, atol=6e-8)


STACK = RNG.integers(0, 65536, (5, 9, 16), dtype=np.uint16)


@pytest.mark.parametrize("kind", ["pages", "imagej", "ome", "tiles"])
def test_a_stack_is_no_picture(tmp_path, kind):
    options = {"imagej": {"imagej": True, "metadata": {"axes": "TYX"}}, "ome": {"metadata": {"axes": "TYX"}}}
    name = "a.ome.tif" if kind == "ome" else "a.tif"
    path = write(
        tmp_path,
        STACK,
        name,
        photometric="minisblack",
        **options.get(kind, {"tile": (16, 16)} if kind == "tiles" else {}),
    )
    with pytest.raises(ReadError, match=r"stack of 5 pictures. Write `page: 0` \(to 4\).*`read: video`"):
        read(path)
    for page in (0, 3):
        np.testing.assert_allclose(pixels(path, page=page)[..., 0], STACK[page] / 65535, rtol=0, atol=6e-8)
    with pytest.raises(ReadError, match=r"no page 5"):
        read(path, page=5)
    clip = read(path, VideoReader, frames="1..5", stride=2)
    np.testing.assert_allclose(clip.video[0, 0], STACK[1:5:2] / 65535, rtol=0, atol=6e-8)
    assert clip.space.frame_rate is None


def test_a_stack_knows_its_rate_where_imagej_wrote_it(tmp_path):
    path = write(tmp_path, STACK, imagej=True, metadata={"axes": "TYX", "finterval": 0.04})
    assert read(path, VideoReader).space.frame_rate == pytest.approx(25.0)
    assert read(path, VideoReader, frame_rate=10.0).space.frame_rate == 10.0


def test_previews_and_masks_are_not_the_picture(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(GREY[::4, ::4], photometric="minisblack", subfiletype=1)
        writer.write(COLOUR, photometric="rgb")
        writer.write(GREY > 0, photometric=4, subfiletype=4)
    np.testing.assert_allclose(pixels(path), COLOUR / 65535, rtol=0, atol=6e-8)


def test_pictures_of_several_sizes(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(GREY, photometric="minisblack")
        writer.write(GREY[:9], photometric="minisblack")
    with pytest.raises(ReadError, match=r"stack of 2 pictures"):
        read(path)
    np.testing.assert_allclose(pixels(path, page=1)[..., 0], GREY[:9] / 65535, rtol=0, atol=6e-8)
    with pytest.raises(ReadError, match=r"several sizes or kinds"):
        read(path, VideoReader)


def test_the_preview_of_a_raw_file_is_never_taken_for_it(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(GREY[:8, :8], photometric="minisblack", subfiletype=1, subifds=1)
        writer.write(
            GREY, photometric="cfa", extratags=[(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)]
        )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ReadError, match=r"camera's raw file. Install .*invsolve\[raw\]"):
        read(path)
    (tmp_path / "clip").mkdir()
    path.rename(tmp_path / "clip" / "b.tif")
    with pytest.raises(ReadError, match=r"camera's raw file"):
        read(tmp_path / "clip", FramesReader)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "jpeg", "zstd"])
@pytest.mark.parametrize("kept", [0.97, 0.6, 0.2])
def test_cut_short(tmp_path, compression, kept):
    data = (COLOUR >> 8).astype(np.uint8)
    path = write(tmp_path, data, photometric="rgb", compression=compression, rowsperstrip=8)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ReadError, match=r"a\.tif"):
        read(path)


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_in_deflate(tmp_path, seed):
    path = write(tmp_path, COLOUR, photometric="rgb", compression="zlib")
    damaged = bytearray(path.read_bytes())
    position = np.random.default_rng(seed).integers(500, len(damaged) - 20)
    damaged[position] ^= 1 << (seed % 8)
    path.write_bytes(damaged)
    with pytest.raises(ReadError, match=r"damaged"):
        read(path)


def test_what_the_decoder_cannot_do_is_not_called_damage(tmp_path):
    path = write(tmp_path, COLOUR, photometric="rgb")
    stored = bytearray(path.read_bytes())
    at = stored.index(b"\x03\x01\x03\x00\x01\x00\x00\x00\x01\x00")
    stored[at + 8 : at + 10] = (34676).to_bytes(2, "little")
    path.write_bytes(stored)
    with pytest.raises(ReadError, match=r"stored in a way that tifffile cannot decode"):
        read(path)


def test_lab_is_refused_by_name(tmp_path):
    path = write(tmp_path, (COLOUR >> 8).astype(np.uint8), photometric="cielab")
    with pytest.raises(ReadError, match=r"stored as CIELAB"):
        read(path)


@pytest.mark.parametrize("options", [{"imagej": True}, {"ome": True}, {}])
@pytest.mark.parametrize("axes", ["TCYX", "CYX"])
def test_channels_in_pages_of_their_own_are_no_frames(tmp_path, options, axes):
    shape = (4, 3, 9, 7)[4 - len(axes) :]
    path = write(tmp_path, np.zeros(shape, np.uint16), photometric="minisblack", metadata={"axes": axes}, **options)
    with pytest.raises(ReadError, match=r"3 channels as pages.*`pages: frames`"):
        read(path, VideoReader)
    count = int(np.prod(shape[:-2]))
    assert read(path, VideoReader, pages="frames").video.shape == (1, 1, count, 9, 7)
    assert read(path, page=2).video.shape == (1, 1, 1, 9, 7)


def test_pages_of_what_has_none_are_refused(tmp_path):
    path = tmp_path / "a.gif"
    Image.fromarray(np.zeros((9, 7), np.uint8)).save(path)
    with pytest.raises(ReadError, match=r"no TIFF file: `pages:`"):
        read(path, VideoReader, pages="frames")
