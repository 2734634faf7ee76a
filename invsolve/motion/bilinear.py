"""Looking up pictures between their pixels, and its adjoint, the splat."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Border = Literal["zero", "replicate"]


def bilinear_sources(flow: Float[Tensor, "... 2 h w"], border: Border = "zero") -> tuple[Tensor, Tensor]:
    """The four neighbours of ``p + flow(p)`` for each pixel ``p``, as flat indices and weights ``4 ... p``.

    Args:
        flow: displacements along ``(h, w)`` [pixels]; positive is down and to the right.
        border: beyond the frame there is nothing (``zero``: weight 0), or the edge goes on (``replicate``).
    """
    height, width = flow.shape[-2:]
    rows = torch.arange(height, dtype=flow.dtype, device=flow.device)[:, None] + flow[..., 0, :, :]
    columns = torch.arange(width, dtype=flow.dtype, device=flow.device) + flow[..., 1, :, :]
    if border == "replicate":
        rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    top, left = rows.floor(), columns.floor()
    places, shares = [], []
    for down in (0, 1):
        for right in (0, 1):
            row, column = top + down, left + right
            share = (1 - (rows - row).abs()) * (1 - (columns - column).abs())
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            place = torch.where(inside, row * width + column, 0.0)
            places.append(place.long().flatten(-2))
            shares.append(torch.where(inside, share, 0.0).flatten(-2))
    return torch.stack(places), torch.stack(shares)


def look_up(x: Float[Tensor, "... h w"], sources: tuple[Tensor, Tensor]) -> Float[Tensor, "... h w"]:
    """``y[p] = sum_k share_k[p] x[place_k[p]]``; the leading axes of `sources` are those of `x`, or 1."""
    places, shares = sources
    flat = x.flatten(-2)
    found = [share * flat.gather(-1, place.expand(flat.shape)) for place, share in zip(places, shares, strict=True)]
    return torch.stack(found).sum(0).reshape(x.shape)


def splat(y: Float[Tensor, "... h w"], sources: tuple[Tensor, Tensor]) -> Float[Tensor, "... h w"]:
    """The adjoint of `look_up`: each value is shared out to the four pixels that it came from."""
    places, shares = sources
    flat = y.flatten(-2)
    shared = torch.zeros_like(flat)
    for place, share in zip(places, shares, strict=True):
        shared = shared.scatter_add(-1, place.expand(flat.shape), share * flat)
    return shared.reshape(y.shape)
