"""From the planes of a frame to red, green and blue in [0, 1]."""

from collections.abc import Mapping
from typing import Final, Literal

import torch
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


def to_rgb(planes: Planes, matrix: MatrixName, span: RangeName, *, centred: bool) -> Tensor:
    """``c h w``, float32, clipped to [0, 1] unless the file holds floats; grey has 1 channel.

    ``Y' = (y - 16 s) / (219 s)`` and ``C = (c - 128 s) / (224 s)`` of the limited range, ``s = 2^(bits - 8)``; full
    range is divided by ``2^bits - 1``. Then ``R = Y' + 2 (1 - K_R) C_R``, ``B = Y' + 2 (1 - K_B) C_B``, and green from
    ``Y' = K_R R + K_G G + K_B B``. Chroma of a lower resolution is interpolated linearly: its samples lie on every
    other column of the luma (`centred`: between them) and between its rows.

    **Source:** ITU-T H.273 (2021), section 8.3; H.264 annex E for where chroma lies.
    """
    if planes.kind != "yuv":
        levels = torch.stack([plane.to(torch.float32) for plane in planes.planes])
        if planes.bits == 0:
            return levels
        offset, scale = _luma_levels(planes.bits, span)
        return levels.sub_(offset).mul_(1 / scale).clamp_(0, 1)
    luma, blue, red = planes.planes
    h, w = luma.shape
    offset, scale = _luma_levels(planes.bits, span)
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
    while tint.shape[1] < h:
        tint = _between_rows(tint)
    while tint.shape[2] < w:
        tint = _between_rows(tint.transpose(1, 2)).transpose(1, 2) if centred else _beside_columns(tint)
    if tint.shape[1:] != (h, w):
        tint = tint[:, :h, :w].contiguous()
    return tint.add_(luma.to(torch.float32).sub_(offset).mul_(1 / scale)).clamp_(0, 1)


def opacity_of(planes: Planes) -> Tensor | None:
    """``1 h w`` in [0, 1], or None where the frame has none; opacity is of full range in every format."""
    if planes.opacity is None:
        return None
    highest = 2**planes.bits - 1 if planes.bits else 1
    return (planes.opacity.to(torch.float32) / highest)[None]


def _luma_levels(bits: int, span: RangeName) -> tuple[float, float]:
    step = 2.0 ** (bits - 8)
    return (16 * step, 219 * step) if span == "limited" else (0.0, 2.0**bits - 1)


def _between_rows(values: Tensor) -> Tensor:
    """Twice as many rows: samples at 0, 1, ... become ones at -1/4, 1/4, 3/4, ..."""
    c, h, w = values.shape
    out = torch.empty(c, h, 2, w)
    near = values * 0.75
    torch.add(near[:, 1:], values[:, :-1], alpha=0.25, out=out[:, 1:, 0])
    torch.add(near[:, :-1], values[:, 1:], alpha=0.25, out=out[:, :-1, 1])
    out[:, 0, 0], out[:, -1, 1] = values[:, 0], values[:, -1]
    return out.view(c, 2 * h, w)


def _beside_columns(values: Tensor) -> Tensor:
    """Twice as many columns: samples at 0, 1, ... become ones at 0, 1/2, 1, ..."""
    c, h, w = values.shape
    out = torch.empty(c, h, w, 2)
    out[..., 0] = values
    half = values * 0.5
    torch.add(half[..., :-1], half[..., 1:], out=out[..., :-1, 1])
    out[..., -1, 1] = values[..., -1]
    return out.view(c, h, 2 * w)
