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

_ROWS: Final = 48


def to_rgb(
    planes: Planes,
    matrix: MatrixName,
    span: RangeName,
    *,
    centred: bool,
    row_sited: bool = False,
    out: Tensor | None = None,
) -> Float[Tensor, "c h w"]:
    """Float32, clipped to [0, 1] unless the file holds floats; grey has 1 channel.

    ``Y' = (y - 16 s) / (219 s)`` and ``C = (c - 128 s) / (224 s)`` of the limited range, ``s = 2^(bits - 8)``; full
    range is divided by ``2^bits - 1``. Then ``R = Y' + 2 (1 - K_R) C_R``, ``B = Y' + 2 (1 - K_B) C_B``, and green from
    ``Y' = K_R R + K_G G + K_B B``. Chroma of a lower resolution is interpolated linearly: its samples lie on every
    other column of the luma (`centred`: between them) and between its rows (`row_sited`: on every other one). Where
    `out` has the shape of the result, it is written there.

    References:
        ITU-T H.273 (2021), section 8.3; H.264 annex E for where chroma lies, ITU-R BT.2020 for its own.
    """
    h, w = planes.planes[0].shape
    shape = (1 if planes.kind == "grey" else 3, h, w)
    picture = out if out is not None and out.shape == shape else torch.empty(shape)
    offset, scale = _luma_levels(planes.bits, span)
    if planes.kind == "yuv":
        weights = torch.tensor(_weights(planes.bits, matrix, span))
        _mixed(planes, weights, (offset, 1 / scale), (row_sited, centred), picture)
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


def _weights(bits: int, matrix: MatrixName, span: RangeName) -> tuple[tuple[float, float], ...]:
    """What a step of Cb and one of Cr add to red, green and blue."""
    kr, kb = LUMA[matrix]
    kg = 1 - kr - kb
    reach = 224 * 2.0 ** (bits - 8) if span == "limited" else 2.0**bits - 1
    return (
        (0.0, 2 * (1 - kr) / reach),
        (-2 * kb * (1 - kb) / kg / reach, -2 * kr * (1 - kr) / kg / reach),
        (2 * (1 - kb) / reach, 0.0),
    )


def _mixed(
    planes: Planes,
    weights: Float[Tensor, "3 2"],
    of_luma: tuple[float, float],
    sites: tuple[bool, bool],
    picture: Tensor,
) -> None:
    """Write red, green and blue into `picture`, clipped to [0, 1].

    Some rows at a time, so that what is between stays in the processor's cache.
    """
    luma, blue, red = planes.planes
    h, w = luma.shape
    rows = blue.shape[0]
    factor = 1
    while factor * rows < h:
        factor *= 2
    black, slope = of_luma
    row_sited, centred = sites
    neutral = 2.0 ** (planes.bits - 1)
    for first in range(0, rows, _ROWS):
        last = min(first + _ROWS, rows)
        # with the neighbours that rows between are made of
        above, below = max(0, first - 1), min(last + 1, rows)
        chroma = torch.empty(2, below - above, blue.shape[1])
        chroma[0], chroma[1] = blue[above:below], red[above:below]
        tint = torch.mm(weights, chroma.sub_(neutral).flatten(1)).view(3, *chroma.shape[1:])
        while tint.shape[2] < w:
            tint = _with_twice_the_columns(tint, centred)
        tint = tint[..., :w]
        for _ in range(factor.bit_length() - 1):
            tint = _with_twice_the_rows(tint, row_sited)
        top = first * factor
        part = picture[:, top : last * factor]
        bright = luma[top : last * factor].to(torch.float32).sub_(black)
        tint = tint[:, (first - above) * factor :][:, : len(bright)]
        torch.add(tint, bright, alpha=slope, out=part).clamp_(0, 1)


def _with_twice_the_rows(values: Tensor, sited: bool) -> Tensor:
    """Rows at 0, 1, ... become rows at -1/4, 1/4, 3/4, ...; `sited`: at 0, 1/2, 1, ..."""
    c, h, w = values.shape
    both = torch.empty(c, h, 2, w)
    if sited:
        both[:, :, 0], both[:, -1, 1] = values, values[:, -1]
        torch.lerp(values[:, :-1], values[:, 1:], 0.5, out=both[:, :-1, 1])
        return both.view(c, 2 * h, w)
    torch.lerp(values[:, 1:], values[:, :-1], 0.25, out=both[:, 1:, 0])
    torch.lerp(values[:, :-1], values[:, 1:], 0.25, out=both[:, :-1, 1])
    both[:, 0, 0], both[:, -1, 1] = values[:, 0], values[:, -1]
    return both.view(c, 2 * h, w)


def _with_twice_the_columns(values: Tensor, centred: bool) -> Tensor:
    """Columns at 0, 1, ... become columns at 0, 1/2, 1, ...; `centred`: at -1/4, 1/4, 3/4, ..."""
    between = torch.empty_like(values)
    torch.lerp(values[..., :-1], values[..., 1:], 0.25 if centred else 0.5, out=between[..., :-1])
    between[..., -1] = values[..., -1]
    first = torch.lerp(values, torch.cat([values[..., :1], values[..., :-1]], dim=2), 0.25) if centred else values
    # the quickest way to put two tensors between each other
    return torch.view_as_real(torch.complex(first, between)).flatten(-2)
