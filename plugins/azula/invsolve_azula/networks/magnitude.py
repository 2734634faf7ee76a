"""Operations that keep the magnitude of activations, and the weights that go with them."""

import math
from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

EPS: Final = 1e-4  # added to root mean squares: Karras et al. 2024, eq. 47
SILU: Final = 0.596  # root mean square of silu of standard normal numbers: ibid., eq. 81


def unit(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """`x` over its root mean square along `axes`."""
    count = math.prod(x.shape[axis] for axis in axes)
    norm = torch.linalg.vector_norm(x, dim=axes, keepdim=True)
    made: Tensor = x / (EPS + norm / math.sqrt(count))
    return made


def activated(x: Tensor) -> Tensor:
    """``silu(x)`` of unit magnitude for standard normal ``x``."""
    return functional.silu(x) / SILU


def mixed(a: Tensor, b: Tensor, share: float) -> Tensor:
    """``(1 - share) a + share b`` of unit magnitude for independent ones. **Source:** Karras et al. 2024, eq. 88."""
    return torch.lerp(a, b, share) / math.hypot(1 - share, share)


def joined(a: Tensor, b: Tensor, share: float) -> Tensor:
    """The channels of both, whose contributions are as ``1 - share`` to ``share``. **Source:** ibid., eq. 103."""
    first, second = a.shape[1], b.shape[1]
    common = math.sqrt((first + second) / ((1 - share) ** 2 + share**2))
    return torch.cat([common * (1 - share) / math.sqrt(first) * a, common * share / math.sqrt(second) * b], dim=1)


@final
class MagnitudeConvolution(nn.Module):
    """A convolution, or a linear layer for a `size` of 0, whose weights have unit magnitude for each output.

    References:
        Karras et al. 2024, eq. 47.
    """

    def __init__(self, inward: int, outward: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outward, inward, *((size, size) if size else ())))

    def forward(self, x: Tensor, gain: Tensor | float = 1.0) -> Tensor:
        """The outputs, times `gain`."""
        fan = self.weight[0].numel()
        weight = unit(self.weight, tuple(range(1, self.weight.ndim))) * (gain / math.sqrt(fan))
        if weight.ndim == 2:
            return x @ weight.T
        return functional.conv2d(x, weight, padding=weight.shape[-1] // 2)


@final
class MagnitudeFourier(nn.Module):
    """``sqrt(2) cos(f t + p)`` at frequencies and phases that were drawn once. **Source:** ibid., eq. 75."""

    freqs: Tensor
    phases: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("freqs", 2 * math.pi * torch.randn(channels))
        self.register_buffer("phases", 2 * math.pi * torch.rand(channels))

    def forward(self, times: Float[Tensor, " b"]) -> Float[Tensor, "b c"]:
        """The oscillations."""
        return math.sqrt(2) * torch.cos(times[:, None] * self.freqs + self.phases)
