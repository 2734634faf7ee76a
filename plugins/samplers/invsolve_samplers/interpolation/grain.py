"""`Grain`: normal noise that neighbouring pixels and colours share, as the errors of pictures do."""

import math
from typing import Final, final

import attrs
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve.randomness import Randomness

REACH: Final = 3.0
"""Standard deviations after which the bell is cut off."""


@final
@attrs.frozen
class Grain:
    """Fields ``n`` of unit variance at every value, correlated over pixels and colours.

    White noise is convolved with a bell of standard deviation ``pixels / sqrt 2`` and divided by its own standard
    deviation at each pixel, so that ``corr(n(p), n(q)) = exp(-|p - q|^2 / (2 pixels^2))`` far from the border; colours
    ``c`` and ``c'`` have the correlation ``colour``.

    Attributes:
        pixels: the length of the correlation [pixels], at least 0; 0 is white.
        colour: correlation between two channels, in [0, 1].
    """

    pixels: float = 0.0
    colour: float = 0.0

    def draw(self, like: Float[Tensor, "b c h w"], rng: Randomness) -> Float[Tensor, "b c h w"]:
        """One draw of normal numbers, one for each value of `like`, made to hang together."""
        noise = rng.normal(like)
        return self._mixed(self._smoothed(noise))

    def _smoothed(self, noise: Tensor) -> Tensor:
        if self.pixels == 0:
            return noise
        for axis in (-2, -1):
            noise = self._along(noise, axis)
        return noise

    def _along(self, noise: Tensor, axis: int) -> Tensor:
        width = self.pixels / math.sqrt(2)
        reach = min(math.ceil(REACH * width), noise.shape[axis] - 1)
        offsets = torch.arange(-reach, reach + 1, dtype=noise.dtype, device=noise.device)
        bell = torch.exp(-offsets.square() / (2 * width**2))
        rows = noise.movedim(axis, -1)
        flat = rows.reshape(-1, 1, rows.shape[-1])
        smooth = F.conv1d(flat, bell[None, None], padding=reach)
        spread = F.conv1d(torch.ones_like(flat[:1]), bell.square()[None, None], padding=reach).sqrt()
        return (smooth / spread).reshape(rows.shape).movedim(-1, axis)

    def _mixed(self, noise: Tensor) -> Tensor:
        """By the symmetric root of ``(1 - colour) I + colour 1 1^T``."""
        channels = noise.shape[1]
        own = math.sqrt(1 - self.colour)
        shared = (math.sqrt(1 - self.colour + channels * self.colour) - own) / channels
        return own * noise + shared * noise.sum(1, keepdim=True)
