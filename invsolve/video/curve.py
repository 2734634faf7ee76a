"""`Curve`: from linear light to stored values, and back."""

import abc
import math
from typing import Final, final

import attrs
import torch
from torch import Tensor

GAMMA_TOE: Final = 1e-8  # light below which a gamma curve is straight
PQ_TOE: Final = 1e-9  # 1e-5 cd/m^2, below the first step of 10 bits
PQ_M1: Final = 2610 / 16384
PQ_M2: Final = 2523 / 4096 * 128
PQ_C1: Final = 3424 / 4096
PQ_C2: Final = 2413 / 4096 * 32
PQ_C3: Final = 2392 / 4096 * 32
HLG_A: Final = 0.17883277
HLG_B: Final = 1 - 4 * HLG_A
HLG_C: Final = 0.5 - HLG_A * math.log(4 * HLG_A)


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

    Attributes:
        transfer: the curve's name in a `VideoSpace`.
        gamma: exponent and offset of the power.
        offset: exponent and offset of the power.
        toe: the light where line and power meet.
        slope: that of the line.
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


@final
@attrs.frozen
class HLGCurve(Curve):
    """Hybrid log-gamma: ``sqrt(3 light)`` up to 1/12, ``a log(12 light - b) + c`` above; straight below light 1e-8.

    The light is that of the scene, where 1 is the brightest that the signal holds and white paper is 0.265.

    References:
        ITU-R BT.2100-2, table 5.
    """

    @property
    def transfer(self) -> str:
        """``hlg``."""
        return "hlg"

    @property
    def channels(self) -> None:
        """None: one curve for all channels."""
        return None

    def encode(self, light: Tensor) -> Tensor:
        """The signal, piece by piece."""
        dark = torch.where(light > GAMMA_TOE, (3 * light.clamp_min(GAMMA_TOE)).sqrt(), light * math.sqrt(3 / GAMMA_TOE))
        bright = HLG_A * (12 * light.clamp_min(1 / 12) - HLG_B).log() + HLG_C
        return torch.where(light > 1 / 12, bright, dark)

    def decode(self, values: Tensor) -> Tensor:
        """The light of the scene, piece by piece."""
        corner = math.sqrt(3 * GAMMA_TOE)
        dark = torch.where(values > corner, values**2 / 3, values / math.sqrt(3 / GAMMA_TOE))
        bright = (((values.clamp_min(0.5) - HLG_C) / HLG_A).exp() + HLG_B) / 12
        return torch.where(values > 0.5, bright, dark)


@final
@attrs.frozen
class PQCurve(Curve):
    """Perceptual quantiser: ``((c1 + c2 l^m1) / (1 + c3 l^m1))^m2``, straight below light 1e-9.

    The light is that of the display, where 1 is 10 000 cd/m^2 and white paper 0.0203.

    References:
        SMPTE ST 2084; ITU-R BT.2100-2, table 4.
    """

    @property
    def transfer(self) -> str:
        """``pq``."""
        return "pq"

    @property
    def channels(self) -> None:
        """None: one curve for all channels."""
        return None

    def encode(self, light: Tensor) -> Tensor:
        """The signal, on the line or on the curve."""
        power = light.clamp_min(PQ_TOE) ** PQ_M1
        curve = ((PQ_C1 + PQ_C2 * power) / (1 + PQ_C3 * power)) ** PQ_M2
        return torch.where(light > PQ_TOE, curve, light * (_PQ_CORNER / PQ_TOE))

    def decode(self, values: Tensor) -> Tensor:
        """The light of the display."""
        power = values.clamp(_PQ_CORNER, 1.5) ** (1 / PQ_M2)
        curve = ((power - PQ_C1).clamp_min(0) / (PQ_C2 - PQ_C3 * power)) ** (1 / PQ_M1)
        return torch.where(values > _PQ_CORNER, curve, values * (PQ_TOE / _PQ_CORNER))


_PQ_CORNER: Final = ((PQ_C1 + PQ_C2 * PQ_TOE**PQ_M1) / (1 + PQ_C3 * PQ_TOE**PQ_M1)) ** PQ_M2


def named_curve(transfer: str) -> Curve:
    """The curve of a transfer that is known: ``linear``, ``srgb``, ``hlg``, ``pq`` or ``gamma:<g>``."""
    known: dict[str, Curve] = {"linear": LinearCurve(), "srgb": SRGB, "hlg": HLGCurve(), "pq": PQCurve()}
    return known[transfer] if transfer in known else gamma_curve(float(transfer.removeprefix("gamma:")))
