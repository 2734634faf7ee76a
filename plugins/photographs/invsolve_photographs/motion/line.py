"""Lines: displacements without a sign, as vectors of twice the angle."""

import torch
from jaxtyping import Float
from torch import Tensor

_LEAST = 1e-3  # pixels: below this a displacement has no angle


def doubled(displacement: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 2 h w"]:
    """The line of a displacement ``(down, right)``: a vector of its length at twice its angle from the horizontal.

    ``d`` and ``-d`` have the same line, ``(r^2 - d^2, 2 d r) / |d|``, and the line depends smoothly on both.
    """
    down, right = displacement[:, 0], displacement[:, 1]
    length = displacement.square().sum(1, keepdim=True).add(1e-12).sqrt() + _LEAST
    return torch.stack([right.square() - down.square(), 2 * down * right], 1) / length


def halved(line: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 2 h w"]:
    """The one of the two displacements ``(down, right)`` of a line that does not go left."""
    angle = torch.atan2(line[:, 1], line[:, 0] + 1e-6) / 2
    length = line.square().sum(1).add(1e-12).sqrt()
    return torch.stack([length * angle.sin(), length * angle.cos()], 1)


def oriented(line: Float[Tensor, "b 2 h w"], towards: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 2 h w"]:
    """The displacement of each line on the side of the vectors `towards`."""
    displacement = halved(line)
    against = (displacement * towards).sum(1, keepdim=True) < 0
    return torch.where(against, -displacement, displacement)
