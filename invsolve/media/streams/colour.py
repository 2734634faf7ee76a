"""From the planes of a frame to red, green and blue in [0, 1]."""

from collections.abc import Mapping
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.media.streams.planes import Planes

MatrixName = Literal["bt601", "bt709", "bt2020", "smpte240m", "fcc"]
RangeName = Literal["limited", "full"]

LUMA: Final[Mapping[MatrixName, tuple[float, float]]] = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt601": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}
"""``K_R, K_B`` of each matrix. **Source:** ITU-T H.273 (2021), table 4."""

_ROWS: Final = 24


def to_rgb(
    planes: Planes, matrix: MatrixName, span: RangeName, *, centred: bool, out: Tensor | None = None
) -> Float[Tensor, "c h w"]:
    """Float32, clipped to [0, 1] unless the file holds floats; grey has 1 channel.

    ``Y' = (y - 16 s) / (219 s)`` and ``C = (c - 128 s) / (224 s)`` of the limited range, ``s = 2^(bits - 8)``; full
    range is divided by ``2^bits - 1``. Then ``R = Y' + 2 (1 - K_R) C_R``, ``B = Y' + 2 (1 - K_B) C_B``, and green from
    ``Y' = K_R R + K_G G + K_B B``. Chroma of a lower resolution is interpolated linearly: its samples lie on every
    other column of the luma (`centred`: between them) and between its rows. Where `out` has the shape of the result,
    it is written there.

    **Source:** ITU-T H.273 (2021), section 8.3; H.264 annex E for where chroma lies.
    """
    h, w = planes.planes[0].shape
    shape = (1 if planes.kind == "grey" else 3, h, w)
    picture = out if out is not None and out.shape == shape else torch.empty(shape)
    offset, scale = _luma_levels(planes.bits, span)
    if planes.kind == "yuv":
        tint = _tint(planes, matrix, span).sub_(offset / scale)
        _add_luma(tint, planes.planes[0], 1 / scale, centred, picture)
        return picture
    for channel, plane in zip(picture, planes.planes, strict=True):
        channel.copy_(plane)
    return picture if planes.bits == 0 else picture.sub_(offset).mul_(1 / scale).clamp_(0, 1)


def opacity_of(planes: Planes) -> Tensor | None:
    """``1 h w`` in [0, 1], or None where the frame has none; opacity is of full range in every format."""
    if planes.opacity is None:
        return None
    highest = 2**planes.bits - 1 if planes.bits else 1
    return (planes.opacity.to(torch.float32) / highest)[None]


def _luma_levels(bits: int, span: RangeName) -> tuple[float, float]:
    """What is black, and how far it is from there to white; floats say that themselves."""
    if bits == 0:
        return 0.0, 1.0
    step = 2.0 ** (bits - 8)
    return (16 * step, 219 * step) if span == "limited" else (0.0, 2.0**bits - 1)


def _tint(planes: Planes, matrix: MatrixName, span: RangeName) -> Tensor:
    """What chroma adds to the luma of red, green and blue, at the resolution of the chroma."""
    _, blue, red = planes.planes
    kr, kb = LUMA[matrix]
    kg = 1 - kr - kb
    middle = 1 << (planes.bits - 1)
    reach = 224 * 2.0 ** (planes.bits - 8) if span == "limited" else 2.0**planes.bits - 1
    cb = blue.to(torch.float32).sub_(middle).mul_(1 / reach)
    cr = red.to(torch.float32).sub_(middle).mul_(1 / reach)
    tint = torch.empty(3, *cb.shape)
    torch.mul(cr, 2 * (1 - kr), out=tint[0])
    torch.mul(cb, -2 * kb * (1 - kb) / kg, out=tint[1]).add_(cr, alpha=-2 * kr * (1 - kr) / kg)
    torch.mul(cb, 2 * (1 - kb), out=tint[2])
    return tint


def _add_luma(tint: Tensor, luma: Tensor, factor: float, centred: bool, picture: Tensor) -> None:
    """Write ``tint + factor * luma``, clipped to [0, 1], into `picture`, with `tint` brought to its resolution.

    Some rows at a time, so that what is between stays in the processor's cache.
    """
    h, w = luma.shape
    while tint.shape[2] < w:
        tint = _with_twice_the_columns(tint, centred)
    tint = tint[..., :w]
    while 2 * tint.shape[1] < h:
        tint = _with_twice_the_rows(tint, 0, tint.shape[1])
    twice = tint.shape[1] < h
    for first in range(0, tint.shape[1], _ROWS):
        last = min(first + _ROWS, tint.shape[1])
        colour = _with_twice_the_rows(tint, first, last) if twice else tint[:, first:last]
        rows = slice(first * (1 + twice), min(last * (1 + twice), h))
        part = picture[:, rows]
        bright = luma[rows].to(torch.float32)
        torch.add(colour[:, : len(bright)], bright, alpha=factor, out=part).clamp_(0, 1)


def _with_twice_the_rows(values: Tensor, first: int, last: int) -> Tensor:
    """Rows `first` to `last`: those at 0, 1, ... become rows at -1/4, 1/4, 3/4, ..."""
    c, h, w = values.shape
    near = values[:, first:last]
    before = _neighbours(values, first - 1, last - 1, h)
    after = _neighbours(values, first + 1, last + 1, h)
    both = torch.empty(c, last - first, 2, w)
    torch.lerp(near, before, 0.25, out=both[:, :, 0])
    torch.lerp(near, after, 0.25, out=both[:, :, 1])
    return both.view(c, -1, w)


def _neighbours(values: Tensor, first: int, last: int, h: int) -> Tensor:
    """Rows `first` to `last`, where the first and the last row go on beyond the edge."""
    if first < 0:
        return torch.cat([values[:, :1], values[:, :last]], dim=1)
    if last > h:
        return torch.cat([values[:, first:], values[:, -1:]], dim=1)
    return values[:, first:last]


def _with_twice_the_columns(values: Tensor, centred: bool) -> Tensor:
    """Columns at 0, 1, ... become columns at 0, 1/2, 1, ...; `centred`: at -1/4, 1/4, 3/4, ..."""
    after = torch.cat([values[..., 1:], values[..., -1:]], dim=2)
    first = torch.lerp(values, torch.cat([values[..., :1], values[..., :-1]], dim=2), 0.25) if centred else values
    second = torch.lerp(values, after, 0.25 if centred else 0.5)
    # the quickest way to put two tensors between each other
    return torch.view_as_real(torch.complex(first, second)).flatten(-2)
