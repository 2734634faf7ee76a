"""Frames of a video from one sharp picture and displacements of its points."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

QUARTER = 4  # the grid of displacements is coarser by this factor


def render(
    picture: Float[Tensor, "b c h w"], displacements: Float[Tensor, "b 2 t h4 w4"]
) -> Float[Tensor, "b c t h w"]:
    """``frame_t(x) = picture(x + d_t(x))``, bilinear; beyond the picture its edge goes on.

    Args:
        displacements: ``(down, right)`` [pixels of the picture] on a grid of a quarter of its size, made larger
            linearly.
    """
    b, c, height, width = picture.shape
    times = displacements.shape[2]
    fine = enlarged(displacements.flatten(1, 2)).reshape(b, 2, times, height, width)
    rows = torch.arange(height, dtype=fine.dtype, device=fine.device)[:, None]
    columns = torch.arange(width, dtype=fine.dtype, device=fine.device)
    # align_corners: -1 and 1 are the middles of the first and of the last pixel
    down = (fine[:, 0] + rows) * (2 / max(1, height - 1)) - 1
    right = (fine[:, 1] + columns) * (2 / max(1, width - 1)) - 1
    # time in the height of the grid: the picture need not be copied for every frame
    grid = torch.stack([right, down], -1).reshape(b, times * height, width, 2)
    frames = F.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=True)
    return frames.reshape(b, c, times, height, width)


def enlarged(field: Float[Tensor, "b k h4 w4"]) -> Float[Tensor, "b k h w"]:
    """A field on the coarse grid, on the grid of pixels."""
    return F.interpolate(field, scale_factor=QUARTER, mode="bilinear", align_corners=False)
