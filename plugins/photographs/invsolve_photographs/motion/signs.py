"""Signs for lines: which of its two directions each point of a picture moves in, so that neighbours agree."""

from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.motion.line import halved

REACH: Final = 3  # cells
CELLS: Final = 1000  # of the grid that signs are found on, at most; the cost is that of an eigenvector of such a matrix


def agreed(line: Float[Tensor, "2 h w"], cells: int = CELLS) -> Float[Tensor, "2 h w"]:
    """Vectors that show on which side of its line each point moves; all of them negated are as good.

    On a coarse grid, signs ``s`` make ``sum_ij s_i s_j <v_i, v_j> / sqrt(|v_i| |v_j| + 1/4)`` over neighbours large:
    they are the signs of the leading eigenvector of that matrix.
    """
    displacement, coarse = coarse_lines(line, cells)
    vectors = displacement.flatten(1).T
    leading = torch.linalg.eigh(agreement(displacement))[1][:, -1]
    signs = torch.where(leading < 0, -1.0, 1.0).to(vectors)
    field = (vectors * signs[:, None]).T.reshape(2, *coarse)
    return F.interpolate(field[None], size=tuple(line.shape[1:]), mode="bilinear", align_corners=False)[0]


def coarse_lines(line: Float[Tensor, "2 h w"], cells: int = CELLS) -> tuple[Float[Tensor, "2 r c"], tuple[int, int]]:
    """One displacement of the mean line of each cell of the coarsest grid of at most `cells` cells, and its size."""
    height, width = line.shape[1:]
    factor = max(1, round((height * width / cells) ** 0.5 + 0.499))
    coarse = (max(1, -(-height // factor)), max(1, -(-width // factor)))
    return halved(F.adaptive_avg_pool2d(line[None], coarse))[0], coarse


def agreement(displacement: Float[Tensor, "2 r c"]) -> Float[Tensor, "n n"]:
    """How strongly each pair of cells within reach wants the same sign (positive) or opposite ones (negative)."""
    rows, columns = displacement.shape[1:]
    vectors = displacement.flatten(1).T
    lengths = vectors.square().sum(1).sqrt()
    cells = torch.arange(rows * columns).reshape(rows, columns)
    found = displacement.new_zeros(rows * columns, rows * columns)
    for down in range(min(REACH + 1, rows)):
        for right in range(-REACH, REACH + 1):
            if (down == 0 and right <= 0) or abs(right) >= columns:
                continue
            one = cells[: rows - down, max(0, -right) : columns - max(0, right)].flatten()
            other = cells[down:, max(0, right) : columns + min(0, right)].flatten()
            weight = (vectors[one] * vectors[other]).sum(1) / (lengths[one] * lengths[other] + 0.25).sqrt()
            found[one, other] = weight
            found[other, one] = weight
    return found
