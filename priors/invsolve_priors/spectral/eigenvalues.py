"""`Eigenvalues`: matrices over videos that share their eigenvectors, known by their eigenvalues."""

from collections.abc import Callable
from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.schedule import NoiseLevel

VIDEO: Final = (-3, -2, -1)  # t h w


@final
@attrs.frozen(eq=False)
class Eigenvalues:
    """``M = 1 1^T / c (x) F^H diag(grey) F + (I - 1 1^T / c) (x) F^H diag(colour) F`` over ``c`` and ``t h w``.

    ``F`` is the unitary Fourier transform over ``t h w``: ``M`` does one thing to the mean of the channels, another to
    their differences, and is stationary and periodic in time and space.

    Attributes:
        grey: real, over the frequencies ``t h w`` as `torch.fft.fftn` orders them, or the half ``t h w/2+1`` of them
            that `torch.fft.rfftn` keeps.
        colour: real, over the frequencies ``t h w`` as `torch.fft.fftn` orders them, or the half ``t h w/2+1`` of them
            that `torch.fft.rfftn` keeps.
    """

    grey: Tensor
    colour: Tensor

    @classmethod
    def covariance(cls, power: Tensor, channels: int, correlation: float) -> "Eigenvalues":
        """Each channel with the spectrum `power`, any two of them with the same correlation."""
        return cls((1 + (channels - 1) * correlation) * power, (1 - correlation) * power)

    def map(self, function: Callable[[Tensor], Tensor]) -> "Eigenvalues":
        """The matrix with `function` of each eigenvalue."""
        return Eigenvalues(function(self.grey), function(self.colour))

    def remaining(self, level: NoiseLevel) -> "Eigenvalues":
        """Of a covariance ``C``: ``Cov[z0 | a z0 + s eps] = s^2 C (a^2 C + s^2 I)^-1``."""
        signal, noise = level.a**2, level.s**2
        return self.map(lambda values: noise * values / (signal * values + noise))

    def half(self, like: Tensor) -> "Eigenvalues":
        """The half of the frequencies that real transforms need, in the dtype and on the device of `like`."""
        return self.map(lambda values: values[..., : values.shape[-1] // 2 + 1].to(like))

    def apply(self, x: Tensor) -> Tensor:
        """``M x`` for ``b c t h w``, from the half of the frequencies: one transform there and one back."""
        coefficients = torch.fft.rfftn(x, dim=VIDEO)
        mean = coefficients.mean(1, keepdim=True)
        filtered = self.colour * coefficients + (self.grey - self.colour) * mean
        applied: Tensor = torch.fft.irfftn(filtered, s=x.shape[-3:], dim=VIDEO)
        return applied
