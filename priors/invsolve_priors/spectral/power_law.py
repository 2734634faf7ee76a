"""`PowerLaw`: how the variance of a video spreads over frequencies."""

from typing import final

import attrs
import torch
from torch import Tensor


@final
@attrs.frozen
class PowerLaw:
    """``P(ft, fy, fx) = S(f) T(ft; f)`` with ``f^2 = fy^2 + fx^2 + cutoff^2`` [cycles/pixel], of mean 1 on any grid.

        S(f) ~ f^-p          T(ft; f) ~ (1 + (ft / (speed f))^2)^(-q/2)

    ``T`` has mean 1 over ``ft`` at each spatial frequency: each frame of a video has the law of a single picture.
    """

    spatial_exponent: float
    cutoff: float
    temporal_exponent: float
    speed: float

    def on_grid(self, frames: int, height: int, width: int, device: torch.device) -> Tensor:
        """``P`` as `torch.fft.fftn` orders the frequencies, ``t h w`` in float64."""
        ft, fy, fx = (torch.fft.fftfreq(n, dtype=torch.float64, device=device) for n in (frames, height, width))
        ft, fy = ft[:, None, None], fy[:, None]
        f = (fy.square() + fx.square() + self.cutoff**2).sqrt()
        spatial: Tensor = f**-self.spatial_exponent
        temporal: Tensor = (1 + (ft / (self.speed * f)).square()) ** (-self.temporal_exponent / 2)
        return spatial / spatial.mean() * temporal / temporal.mean(0, keepdim=True)
