"""`Convolution`: a convolution with resampling by two, and the linear layer beside it."""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

Resampling = Literal["keep", "up", "down"]


def smoothing(taps: tuple[int, ...]) -> Float[Tensor, "1 1 k k"]:
    """The separable low-pass kernel of sum 1 with these taps along each axis."""
    line = torch.tensor(taps, dtype=torch.float32)
    return (line[:, None] * line[None] / line.sum() ** 2)[None, None]


def resampled(x: Tensor, kernel: Tensor, resampling: Resampling, pad: int) -> Tensor:
    """`x` at twice or half the size by a low-pass `kernel`, each channel alone; ``keep`` leaves it as it is."""
    if resampling == "keep":
        return x
    each = kernel.to(x).expand(x.shape[1], 1, *kernel.shape[2:])
    if resampling == "up":
        return functional.conv_transpose2d(x, 4 * each, stride=2, padding=pad, groups=x.shape[1])
    return functional.conv2d(x, each, stride=2, padding=pad, groups=x.shape[1])


@final
class Convolution(nn.Module):
    """``w * resample(x) + b``; ``w`` is ``o i k k``, and without a size ``k`` there is only the resampling.

    Args:
        smooth_last: convolve first, then make smaller, as NCSN++ does with what it adds to each resolution.
    """

    resample_filter: Tensor | None

    def __init__(
        self,
        inward: int,
        outward: int,
        size: int,
        resampling: Resampling = "keep",
        taps: tuple[int, ...] = (1, 1),
        *,
        smooth_last: bool = False,
    ) -> None:
        super().__init__()
        self.resampling: Resampling = resampling
        self.smooth_last = smooth_last
        self.weight = (
            nn.Parameter(torch.randn(outward, inward, size, size) / (inward * size**2) ** 0.5) if size else None
        )
        self.bias = nn.Parameter(torch.zeros(outward)) if size else None
        self.register_buffer("resample_filter", None if resampling == "keep" else smoothing(taps))

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h2 w2"]:
        """The convolution."""
        margin = 0 if self.resample_filter is None else (self.resample_filter.shape[-1] - 1) // 2
        if self.smooth_last and self.weight is not None and self.resample_filter is not None:
            wide = functional.conv2d(x, self.weight, padding=self.weight.shape[-1] // 2 + margin)
            made = resampled(wide, self.resample_filter, self.resampling, 0)
            return made if self.bias is None else made + self.bias[:, None, None]
        if self.resample_filter is not None:
            x = resampled(x, self.resample_filter, self.resampling, margin)
        if self.weight is None:
            return x
        return functional.conv2d(x, self.weight, self.bias, padding=self.weight.shape[-1] // 2)


def grouped(channels: int, eps: float) -> nn.GroupNorm:
    """Group normalisation in 32 groups, of at least 4 channels each."""
    return nn.GroupNorm(min(32, channels // 4), channels, eps)
