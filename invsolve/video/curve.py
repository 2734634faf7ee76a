"""`Curve`: from linear light to stored values, and back."""

import abc
from typing import Final, final

import attrs
import torch
from torch import Tensor

GAMMA_TOE: Final = 1e-8  # light below which a gamma curve is straight


class Curve(abc.ABC):
    """A strictly increasing map of [0, 1] onto itself, with finite slopes everywhere; beyond it goes on smoothly.

    Both maps take videos ``b c t h w``, where a curve may differ from channel to channel.
    """

    @property
    @abc.abstractmethod
    def transfer(self) -> str:
        """The name that a `VideoSpace` has for values encoded by this curve."""

    @property
    @abc.abstractmethod
    def channels(self) -> int | None:
        """The number of channels with curves of their own; None where all share one."""

    @abc.abstractmethod
    def encode(self, light: Tensor) -> Tensor:
        """Linear light to stored values."""

    @abc.abstractmethod
    def decode(self, values: Tensor) -> Tensor:
        """Stored values to linear light, the inverse of `encode`."""


@final
@attrs.frozen
class LinearCurve(Curve):
    """Stored values are linear light."""

    @property
    def transfer(self) -> str:
        """``linear``."""
        return "linear"

    @property
    def channels(self) -> None:
        """None: one curve for all channels."""
        return None

    def encode(self, light: Tensor) -> Tensor:
        """``light``."""
        return light

    def decode(self, values: Tensor) -> Tensor:
        """``values``."""
        return values


@final
@attrs.frozen
class PowerCurve(Curve):
    """``(1 + offset) light^(1/gamma) - offset`` above `toe`, the straight line ``slope light`` below it.

    A bare power has an infinite slope at 0. The line keeps gradients finite.

    - ``transfer``: the curve's name in a `VideoSpace`.
    - ``gamma``, ``offset``: exponent and offset of the power.
    - ``toe``: the light where line and power meet.
    - ``slope``: that of the line.
    """

    transfer: str
    gamma: float
    offset: float
    toe: float
    slope: float

    @property
    def channels(self) -> None:
        """None: one curve for all channels."""
        return None

    def encode(self, light: Tensor) -> Tensor:
        """The power above the toe, the line below it and for negative light."""
        power = (1 + self.offset) * light.clamp_min(self.toe) ** (1 / self.gamma) - self.offset
        return torch.where(light > self.toe, power, self.slope * light)

    def decode(self, values: Tensor) -> Tensor:
        """The inverse, piece by piece."""
        corner = self.slope * self.toe
        power = ((values.clamp_min(corner) + self.offset) / (1 + self.offset)) ** self.gamma
        return torch.where(values > corner, power, values / self.slope)


def gamma_curve(gamma: float) -> PowerCurve:
    """``light^(1/gamma)``, straight below light 1e-8, far under the first step of 8 bits (``(1/255)^2.2 = 5e-6``)."""
    return PowerCurve(f"gamma:{gamma:g}", gamma, 0.0, GAMMA_TOE, GAMMA_TOE ** (1 / gamma - 1))


SRGB: Final = PowerCurve("srgb", 2.4, 0.055, 0.0031308, 12.92)  # IEC 61966-2-1:1999, equations 5 and 6
