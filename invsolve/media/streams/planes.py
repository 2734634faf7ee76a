"""The planes of a video frame as numbers: Y'CbCr or RGB or grey, of any depth, in float."""

import re
from typing import Final, final

import attrs
import numpy as np
import torch
from av.video.frame import VideoFrame
from torch import Tensor

from invsolve.errors import ReadError

_PLANAR_YUV: Final = re.compile(r"yuv(a?)j?4\d\dp(\d*)(le)?")
_PLANAR_RGB: Final = re.compile(r"gbr(a?)p(\d*)(f32)?(le)?")
_GREY: Final = re.compile(r"gray(\d*)(f32)?(le)?")
# the same numbers in another order; swscale copies them
_REORDERED: Final = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "yvyu422": "yuv422p",
    "p010le": "yuv420p10le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "p216le": "yuv422p16le",
    "p410le": "yuv444p10le",
    "y210le": "yuv422p10le",
    "ayuv64le": "yuva444p16le",
    "ya8": "gbrap",
    "ya16le": "gbrap16le",
}


@final
@attrs.frozen(eq=False)
class Planes:
    """Integers (or floats) of a frame, plane by plane, ``h w``; chroma planes may be smaller.

    Attributes:
        kind: ``grey`` (one plane), ``rgb`` (red, green, blue) or ``yuv`` (Y', Cb, Cr).
        bits: of every value; 0 for floats.
        opacity: of the last plane where there is one, full range.
    """

    kind: str
    planes: tuple[Tensor, ...]
    bits: int
    opacity: Tensor | None


def planes_of(frame: VideoFrame, where: str) -> Planes:
    """The planes of a frame; raises `ReadError` for pixel formats that hold something else."""
    name = frame.format.name
    if name in _REORDERED:
        return planes_of(frame.reformat(format=_REORDERED[name]), where)
    if match := _PLANAR_YUV.fullmatch(name):
        planes = _read(frame, int(match[2] or 8), floating=False)
        return _split("yuv", planes, int(match[2] or 8), bool(match[1]))
    if match := _PLANAR_RGB.fullmatch(name):
        floating = match[3] is not None
        green, blue, red, *rest = _read(frame, int(match[2] or 8), floating=floating)
        return _split("rgb", [red, green, blue, *rest], 0 if floating else int(match[2] or 8), bool(match[1]))
    if match := _GREY.fullmatch(name):
        floating = match[2] is not None
        bits = int(match[1] or 8)
        return _split("grey", _read(frame, bits, floating=floating), 0 if floating else bits, False)
    if frame.format.is_rgb or name in ("pal8", "monow", "monob"):
        # packed colours of some depth, which swscale spreads over planes without changing them
        deep = max((component.bits for component in frame.format.components), default=8) > 8
        wanted = "gbrap" + "16le" * deep if _transparent(name) else "gbrp" + "16le" * deep
        return planes_of(frame.reformat(format=wanted), where)
    raise ReadError(f"{where} is stored in the pixel format {name}, which is not read. Convert it to yuv444p or gbrp.")


def _transparent(name: str) -> bool:
    return name == "pal8" or any(letter in name.partition("6")[0] for letter in ("rgba", "bgra", "argb", "abgr"))


def _split(kind: str, planes: list[Tensor], bits: int, alpha: bool) -> Planes:
    return Planes(kind, tuple(planes[:-1] if alpha else planes), bits, planes[-1] if alpha else None)


def _read(frame: VideoFrame, bits: int, *, floating: bool) -> list[Tensor]:
    kind = np.dtype("<f4") if floating else np.dtype("<u2" if bits > 8 else "u1")
    found = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), dtype=kind).reshape(plane.height, plane.line_size // kind.itemsize)
        found.append(torch.from_numpy(rows[:, : plane.width]))
    return found
