"""`ResidualBlock`: two convolutions beside the identity."""

from typing import final

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


@final
class ResidualBlock(nn.Module):
    """``x + conv(relu(conv(x)))`` with 3 x 3 kernels and no normalisation, so that brightness is kept as it is."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.normal_(self.second.weight, std=0.2 * (2 / (9 * channels)) ** 0.5)
        zero_bias(self.second)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """The block's output, of the size of its input."""
        changed: Tensor = self.second(F.relu(self.first(x)))
        return x + changed


def zero_bias(layer: nn.Conv2d) -> None:
    """Set the bias of a layer that has one to 0."""
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
