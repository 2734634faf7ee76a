"""The embeddings of a noise level in EDM's U-Nets."""

import math
from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

PERIODS: Final = 10000.0  # the slowest oscillation: Vaswani et al. 2017, section 3.5


def positional(times: Float[Tensor, " b"], channels: int, *, endpoint: bool) -> Float[Tensor, "b c"]:
    """Cosines, then sines, at geometric frequencies from 1 down to ``1 / 10000``, which `endpoint` includes."""
    half = channels // 2
    exponent = torch.arange(half, dtype=torch.float32, device=times.device) / (half - int(endpoint))
    angles = times[:, None] * (PERIODS**-exponent).to(times)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


@final
class Fourier(nn.Module):
    """Cosines and sines at frequencies that were drawn once. **Source:** Tancik et al. 2020; Song et al. 2021."""

    freqs: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("freqs", 16 * torch.randn(channels // 2))

    def forward(self, times: Float[Tensor, " b"]) -> Float[Tensor, "b c"]:
        """The oscillations."""
        angles = times[:, None] * (2 * math.pi * self.freqs).to(times)
        return torch.cat([angles.cos(), angles.sin()], dim=1)
