"""Signs for lines: which of its two directions each point of a picture moves in, so that neighbours agree."""

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.motion.line import halved

if TYPE_CHECKING:
    from scipy import sparse

REACH: Final = 3  # cells
LEAST: Final = 8  # cells: for fewer, all eigenvectors are found
CELLS: Final = 1000  # of the grid that signs are found on, at most


def agreed(line: Float[Tensor, "2 h w"], cells: int = CELLS) -> Float[Tensor, "2 h w"]:
    """Vectors that show on which side of its line each point moves; all of them negated are as good.

    On a coarse grid, signs ``s`` make ``sum_ij s_i s_j <v_i, v_j> / sqrt(|v_i| |v_j| + 1/4)`` over neighbours large:
    they are the signs of the leading eigenvector of that matrix.
    """
    displacement, coarse = coarse_lines(line, cells)
    vectors = displacement.flatten(1).T
    signs = torch.where(_leading(agreement(displacement)) < 0, -1.0, 1.0).to(vectors)
    field = (vectors * signs[:, None]).T.reshape(2, *coarse)
    return F.interpolate(field[None], size=tuple(line.shape[1:]), mode="bilinear", align_corners=False)[0]


def coarse_lines(line: Float[Tensor, "2 h w"], cells: int = CELLS) -> tuple[Float[Tensor, "2 r c"], tuple[int, int]]:
    """One displacement of the mean line of each cell of the coarsest grid of at most `cells` cells, and its size."""
    height, width = line.shape[1:]
    factor = max(1, round((height * width / cells) ** 0.5 + 0.499))
    coarse = (max(1, -(-height // factor)), max(1, -(-width // factor)))
    return halved(F.adaptive_avg_pool2d(line[None], coarse))[0], coarse


def agreement(displacement: Float[Tensor, "2 r c"]) -> "sparse.csr_array":
    """How strongly each pair of cells within reach wants the same sign (positive) or opposite ones (negative)."""
    from scipy import sparse

    rows, columns = displacement.shape[1:]
    vectors = displacement.flatten(1).T.double()
    lengths = vectors.square().sum(1).sqrt()
    cells = torch.arange(rows * columns).reshape(rows, columns)
    pairs, weights = [], []
    for down in range(min(REACH + 1, rows)):
        for right in range(-REACH, REACH + 1):
            if (down == 0 and right <= 0) or abs(right) >= columns:
                continue
            one = cells[: rows - down, max(0, -right) : columns - max(0, right)].flatten()
            other = cells[down:, max(0, right) : columns + min(0, right)].flatten()
            pairs.append(torch.stack([one, other]))
            weights.append((vectors[one] * vectors[other]).sum(1) / (lengths[one] * lengths[other] + 0.25).sqrt())
    if not pairs:
        return sparse.csr_array((rows * columns, rows * columns))
    one, other = torch.cat(pairs, 1).numpy()
    half = sparse.coo_array((torch.cat(weights).numpy(), (one, other)), (rows * columns, rows * columns))
    return (half + half.T).tocsr()


def _leading(matrix: "sparse.csr_array") -> Tensor:
    """The leading eigenvector of a symmetric matrix; ones where nothing agrees or disagrees."""
    from scipy.sparse import linalg

    count = matrix.shape[0]
    if count < LEAST or abs(matrix).max() == 0:
        return torch.linalg.eigh(torch.from_numpy(matrix.toarray()))[1][:, -1] if matrix.nnz else torch.ones(count)
    start = np.random.default_rng(0).standard_normal(count)  # the same for every picture, and orthogonal to no vector
    return torch.from_numpy(linalg.eigsh(matrix, k=1, which="LA", v0=start, tol=1e-6)[1][:, 0])
