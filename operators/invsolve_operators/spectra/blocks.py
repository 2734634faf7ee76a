"""Averages over square blocks of pixels, their transpose and spectrum."""

import torch
import torch.nn.functional as F
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.video.space import VideoSpace
from invsolve_operators.spectra.tight_frame import TightSpectrum


def average_blocks(x: Tensor, block: int) -> Tensor:
    """``y[i, j]``: the mean of the ``block x block`` pixels from ``(block i, block j)`` on."""
    if block == 1:
        return x
    b, c, t, h, w = x.shape
    return F.avg_pool2d(x.reshape(b * c * t, 1, h, w), block).reshape(b, c, t, h // block, w // block)


def repeat_blocks(y: Tensor, block: int) -> Tensor:
    """Each pixel becomes a block of ``block x block`` equal pixels."""
    if block == 1:
        return y
    return y.repeat_interleave(block, dim=-1).repeat_interleave(block, dim=-2)


def check_blocks(operator: object, space: VideoSpace, block: int) -> None:
    """Raise `SpaceError` unless height and width are multiples of `block`."""
    for axis, size in (("height", space.height), ("width", space.width)):
        if size % block:
            lower, upper = size - size % block, size - size % block + block
            fitting = f"{lower} or {upper}" if lower else f"{upper}"
            raise SpaceError(
                f"{operator} needs a {axis} that is a multiple of {block}, got {size}; {fitting} would do."
            )


def block_spectrum(block: int, dtype: torch.dtype, device: torch.device) -> TightSpectrum:
    """Block averages have one singular value, ``1 / block``: ``A A^T = block^-2 I``."""
    return TightSpectrum(
        lambda x: average_blocks(x, block),
        lambda y: repeat_blocks(y / block**2, block),
        torch.tensor(1 / block, dtype=dtype, device=device),
        frozenset("hw"),
    )
