"""Formats of pictures and clips, each with files that programs write: the rows of docs/formats.md."""

import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, final

import attrs
import av
import imagecodecs
import numpy as np
import OpenEXR
import tifffile
from PIL import Image

LEVELS: Final = np.random.default_rng(0).integers(0, 65536, (32, 48, 3), dtype=np.uint16)
EIGHT: Final = (LEVELS >> 8).astype(np.uint8)
FLAT: Final = np.full((32, 48, 3), (200, 120, 60), np.uint8)
Write = Callable[[Path], None]


@final
@attrs.frozen(eq=False)
class Entry:
    """A format: how a file is written, what it should hold, and variants that declare light and are transparent."""

    name: str
    library: str
    suffix: str
    write: Write
    expected: Any
    light: Write | None = None
    transparent: Write | None = None
    video: bool = False
    lossy: bool = False


def pillow(format_: str, **options: Any) -> Write:
    """A picture of 8 bits."""
    return lambda path: Image.fromarray(EIGHT).save(path, format=format_, **options)


def icc() -> bytes:
    """A profile with Display P3's primaries and gamma 2.2."""
    return bytes(
        imagecodecs.cms_profile(
            "rgb",
            whitepoint=[0.3127, 0.3290, 1],
            primaries=[0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1],
            gamma=2.2,
        )
    )


def clear(format_: str) -> Write:
    """A picture that is half transparent."""
    pixels = np.dstack([EIGHT, np.full(EIGHT.shape[:2], 100, np.uint8)])
    return lambda path: Image.fromarray(pixels).save(path, format=format_)


def pq_png(path: Path) -> None:
    """A PNG of 16 bits whose cICP says PQ."""
    png = imagecodecs.png_encode(LEVELS)
    body = b"cICP" + bytes([1, 16, 0, 1])
    path.write_bytes(png[:33] + struct.pack(">I", 4) + body + zlib.crc32(body).to_bytes(4, "big") + png[33:])


def stream(codec: str, pix_fmt: str, pixels: Any, source: str, **tags: int) -> Write:
    """Four equal frames at 25 frames/s."""

    def write(path: Path) -> None:
        with av.open(str(path), "w") as container:
            made = container.add_stream(codec, rate=25, options={"crf": "0"} if codec.startswith("libx26") else {})
            made.height, made.width, made.pix_fmt = pixels.shape[0], pixels.shape[1], pix_fmt
            for name, value in tags.items():
                setattr(made.codec_context, name, value)
            for number in range(4):
                frame = av.VideoFrame.from_ndarray(pixels, format=source).reformat(format=pix_fmt)
                for name, value in tags.items():
                    setattr(frame, name, value)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(made.encode(frame))
            container.mux(made.encode(None))

    return write


def animated(format_: str) -> Write:
    """Two equal frames of 100 ms; one value differs, or they would be written as one."""
    other = EIGHT.copy()
    other[0, 0] ^= 255
    rest = [Image.fromarray(other)]
    options = {"lossless": True} if format_ == "WEBP" else {}
    return lambda path: Image.fromarray(EIGHT).save(
        path, format=format_, save_all=True, append_images=rest, duration=100, **options
    )


def exr(path: Path) -> None:
    """Light up to 8."""
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION}, {"RGB": (LEVELS / 8192).astype(np.float32)}).write(str(path))


RGBA: Final = np.dstack([EIGHT, np.full(EIGHT.shape[:2], 100, np.uint8)])
ENTRIES: Final = (
    Entry("PNG, 8 bits", "pillow", "png", pillow("PNG"), EIGHT / 255, pillow("PNG", icc_profile=icc()), clear("PNG")),
    Entry(
        "PNG, 16 bits",
        "imagecodecs",
        "png",
        lambda p: p.write_bytes(imagecodecs.png_encode(LEVELS)) and None,
        LEVELS / 65535,
        pq_png,
    ),
    Entry(
        "JPEG",
        "pillow",
        "jpg",
        pillow("JPEG", quality=100, subsampling=0),
        EIGHT / 255,
        pillow("JPEG", quality=100, icc_profile=icc()),
        lossy=True,
    ),
    Entry(
        "WebP",
        "pillow",
        "webp",
        pillow("WEBP", lossless=True),
        EIGHT / 255,
        pillow("WEBP", lossless=True, icc_profile=icc()),
        clear("WEBP"),
    ),
    Entry(
        "TIFF, 16 bits, tiles, deflate",
        "tifffile",
        "tif",
        lambda p: tifffile.imwrite(p, LEVELS, photometric="rgb", tile=(16, 16), compression="zlib"),
        LEVELS / 65535,
        lambda p: tifffile.imwrite(p, LEVELS, photometric="rgb", iccprofile=icc()),
        lambda p: tifffile.imwrite(
            p, np.dstack([LEVELS, LEVELS[..., :1]]), photometric="rgb", extrasamples=["unassalpha"]
        ),
    ),
    Entry(
        "TIFF, 32 bit floats",
        "tifffile",
        "tif",
        lambda p: tifffile.imwrite(p, (LEVELS / 65535).astype(np.float32), photometric="rgb"),
        LEVELS / 65535,
    ),
    Entry("OpenEXR", "openexr", "exr", exr, LEVELS / 8192, exr),
    Entry(
        "PPM, 16 bits",
        "netpbmfile",
        "ppm",
        lambda p: p.write_bytes(b"P6\n48 32\n65535\n" + LEVELS.astype(">u2").tobytes()) and None,
        LEVELS / 65535,
    ),
    Entry(
        "JPEG 2000, 12 bits",
        "imagecodecs",
        "jp2",
        lambda p: (
            p.write_bytes(imagecodecs.jpeg2k_encode(LEVELS >> 4, bitspersample=12, level=0, codecformat="jp2")) and None
        ),
        (LEVELS >> 4) / 4095,
    ),
    Entry(
        "AVIF, 10 bits",
        "imagecodecs",
        "avif",
        lambda p: p.write_bytes(imagecodecs.avif_encode(LEVELS >> 6, level=100, bitspersample=10)) and None,
        (LEVELS >> 6) / 1023,
    ),
    Entry("animated GIF", "pillow", "gif", animated("GIF"), EIGHT / 255, video=True, lossy=True),
    Entry("animated PNG", "pillow", "png", animated("PNG"), EIGHT / 255, video=True),
    Entry("animated WebP", "pillow", "webp", animated("WEBP"), EIGHT / 255, video=True),
    Entry(
        "mp4, H.264, 4:4:4",
        "av",
        "mp4",
        stream("libx264", "yuv444p", EIGHT, "rgb24"),
        EIGHT / 255,
        stream("libx264", "yuv444p", EIGHT, "rgb24", color_trc=18, color_primaries=9, colorspace=9),
        video=True,
        lossy=True,
    ),
    Entry(
        "mkv, FFV1, RGB",
        "av",
        "mkv",
        stream("ffv1", "bgr0", EIGHT, "rgb24"),
        EIGHT / 255,
        stream("ffv1", "bgr0", EIGHT, "rgb24", color_trc=8),
        stream("ffv1", "bgra", RGBA, "rgba"),
        video=True,
    ),
    Entry(
        "mkv, FFV1, 4:4:4, 16 bits",
        "av",
        "mkv",
        stream("ffv1", "yuv444p16le", EIGHT, "rgb24"),
        EIGHT / 255,
        stream("ffv1", "yuv444p16le", EIGHT, "rgb24", color_trc=16),
        video=True,
        lossy=True,
    ),
    Entry(
        "webm, VP9, 4:2:0",
        "av",
        "webm",
        stream("libvpx-vp9", "yuv420p", FLAT, "rgb24"),
        FLAT / 255,
        None,
        stream("libvpx-vp9", "yuva420p", np.dstack([FLAT, np.full(FLAT.shape[:2], 100, np.uint8)]), "rgba"),
        video=True,
        lossy=True,
    ),
    Entry(
        "mov, PNG",
        "av",
        "mov",
        stream("png", "rgb24", EIGHT, "rgb24"),
        EIGHT / 255,
        None,
        stream("png", "rgba", RGBA, "rgba"),
        video=True,
    ),
)
