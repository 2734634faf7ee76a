"""Overlapping tiles of a large photograph, and what blends their results without seams."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

SIDE: Final = 768  # pixels; smaller photographs are seen whole
OVERLAP: Final = 128
STEP: Final = 16  # tiles begin at multiples of this, so that their grids of motion fall on each other


@final
@attrs.frozen
class Tile:
    """Rows and columns of a photograph [pixels]."""

    rows: slice
    columns: slice

    def of(self, field: Tensor, factor: int = 1) -> Tensor:
        """The tile's part of a field whose grid is coarser by `factor`."""
        return field[..., _coarser(self.rows, factor), _coarser(self.columns, factor)]


def tiles(height: int, width: int, side: int = SIDE, overlap: int = OVERLAP) -> tuple[Tile, ...]:
    """Tiles of at most `side` pixels that cover a photograph and overlap by some `overlap`, both multiples of 16."""
    across = _spans(width, side, overlap)
    return tuple(Tile(rows, columns) for rows in _spans(height, side, overlap) for columns in across)


def blend_weight(height: int, width: int, factor: int = 1, overlap: int = OVERLAP) -> Float[Tensor, "h w"]:
    """The weight of each point of a tile of that size on its own grid: rising from its edges over the overlap."""
    rise = overlap // factor
    return _ramp(height, rise)[:, None] * _ramp(width, rise)


def _ramp(length: int, rise: int) -> Float[Tensor, " n"]:
    place = torch.arange(length)
    nearest = torch.minimum(place, length - 1 - place) + 1
    return (nearest / (rise + 1)).clamp_max(1.0)


def _spans(length: int, side: int, overlap: int) -> list[slice]:
    if length <= side:
        return [slice(0, length)]
    count = -(-(length - overlap) // (side - overlap))
    last = length - side
    starts = sorted({-(-k * last // ((count - 1) * STEP)) * STEP for k in range(count)})
    return [slice(start, min(length, start + side)) for start in starts]


def _coarser(span: slice, factor: int) -> slice:
    return slice(span.start // factor, -(-span.stop // factor))
