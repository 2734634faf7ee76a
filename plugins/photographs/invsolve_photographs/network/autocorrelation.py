"""Local autocorrelations of a picture's gradient: a blur shows as a ridge along the motion, as long as the blur."""

import math
from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

CELL: Final = 8  # pixels along a side of the cells that features stand for
MARGIN: Final = 16  # pixels, more than the farthest offset
_RINGS: Final = ((1, 4), (2, 6), (3, 8), (4, 10), (6, 12), (8, 14), (11, 16), (15, 16))  # radius, directions


def _offsets() -> tuple[tuple[int, int], ...]:
    """Whole-pixel offsets (down, right) on half rings; the other half is the same by symmetry."""
    found: dict[tuple[int, int], None] = {}
    for radius, directions in _RINGS:
        for i in range(directions):
            angle = math.pi * i / directions
            found[round(radius * math.sin(angle)), round(radius * math.cos(angle))] = None
    return tuple(found)


OFFSETS: Final = _offsets()
FEATURES: Final = len(OFFSETS) + 1


@torch.no_grad()
def autocorrelation(picture: Float[Tensor, "b c h w"]) -> Float[Tensor, "b features h8 w8"]:
    """``sum g(x) g(x + d) / sum g(x)^2`` over windows of 24 pixels for each offset ``d``, and the logarithm of the sum.

    ``g`` is the gradient of the mean over channels, which is nearly white in a sharp picture, so that its
    autocorrelation is that of the blur kernel. Both sides of the picture are multiples of 8.

    References:
        Yitzhaky and Kopeika 1997 (motion blur from the autocorrelation of derivatives).
    """
    height, width = picture.shape[-2:]
    padding = (MARGIN, MARGIN + 1, 0, MARGIN + 1)
    grey = F.pad(picture.mean(1, keepdim=True), padding, mode="replicate")
    across, down = grey[..., :-1, 1:] - grey[..., :-1, :-1], grey[..., 1:, :-1] - grey[..., :-1, :-1]
    gradient = torch.cat([across, down], 1)
    centre = gradient[..., :height, MARGIN : MARGIN + width]
    sums = [_cells(centre * centre)]
    for below, right in OFFSETS:
        other = gradient[..., below : below + height, MARGIN + right : MARGIN + right + width]
        sums.append(_cells(centre * other))
    windows = F.avg_pool2d(torch.cat(sums, 1), 3, 1, 1, count_include_pad=False)
    energy = windows[:, :1] + 2e-5
    return torch.cat([(energy * 1e3).log() * 0.3, windows[:, 1:] / energy * 2], 1)


def _cells(product: Tensor) -> Tensor:
    return F.avg_pool2d(product.sum(1, keepdim=True), CELL)
