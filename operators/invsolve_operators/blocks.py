"""Averages over square blocks of pixels, their transpose and spectrum."""

from typing import final

import attrs
import torch
import torch.nn.functional as F
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.space import VideoSpace
from invsolve.spectrum import Spectrum


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
    b, c, t, h, w = y.shape
    spread = y[..., :, None, :, None].expand(b, c, t, h, block, w, block)
    return spread.reshape(b, c, t, h * block, w * block)


def check_blocks(operator: object, space: VideoSpace, block: int) -> None:
    """Raise `SpaceError` unless height and width are multiples of `block`."""
    for axis, size in (("height", space.height), ("width", space.width)):
        if size % block:
            lower, upper = size - size % block, size - size % block + block
            fitting = f"{lower} or {upper}" if lower else f"{upper}"
            raise SpaceError(
                f"{operator} needs a {axis} that is a multiple of {block}, got {size}; {fitting} would do."
            )


@final
@attrs.frozen(eq=False)
class BlockSpectrum(Spectrum):
    """Block averages have one singular value, ``1 / block``: ``V`` spreads a pixel evenly over its block, ``U = I``."""

    block: int
    like: Tensor

    @property
    def axes(self) -> frozenset[str]:
        """``h w``."""
        return frozenset("hw")

    @property
    def singular_values(self) -> Tensor:
        """``1 / block``."""
        return torch.full_like(self.like, 1 / self.block)

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``block`` times the block average."""
        return self.block * average_blocks(x, self.block)

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """Each coefficient spread over its block, divided by `block`."""
        return repeat_blocks(coefficients / self.block, self.block)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``y``."""
        return y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients``."""
        return coefficients

    def after(self, inner: Spectrum) -> Spectrum | None:
        """Averages of averages: the blocks multiply."""
        return BlockSpectrum(self.block * inner.block, self.like) if isinstance(inner, BlockSpectrum) else None


def block_spectrum(block: int, dtype: torch.dtype, device: torch.device) -> BlockSpectrum:
    """The spectrum in a dtype and on a device."""
    return BlockSpectrum(block, torch.ones((), dtype=dtype, device=device))
