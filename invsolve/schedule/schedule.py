"""Abstract `Schedule`: the noise levels ``z = a z0 + s eps`` that a sampler walks through."""

import abc
import math
from typing import Final, Literal, final

import attrs

from invsolve.parts import Part

Spacing = Literal["trailing", "leading", "linspace", "quadratic", "karras"]


@final
@attrs.frozen
class NoiseLevel:
    """One level of noise: ``z = a z0 + s eps`` with standard normal ``eps``.

    Attributes:
        a: signal and noise scale, both at least 0.
        s: signal and noise scale, both at least 0.
        time: the model's own time at this level: a discrete timestep, a continuous time in [0, 1], or sigma.
    """

    a: float
    s: float
    time: float

    @property
    def sbar(self) -> float:
        """Noise relative to signal, ``s / a`` (infinite where ``a = 0``)."""
        return self.s / self.a if self.a > 0 else math.inf

    @property
    def start_std(self) -> float:
        """The std of ``z`` for latents of unit variance, ``sqrt(a^2 + s^2)``, that of a sampler's start."""
        return math.sqrt(self.a**2 + self.s**2)


CLEAN: Final = NoiseLevel(a=1.0, s=0.0, time=0.0)  # the last level of every walk


class Schedule(Part):
    """The family of noise levels that a prior was made for."""

    @abc.abstractmethod
    def at(self, time: float) -> NoiseLevel:
        """The level at the model's time `time`, which must lie within the schedule; nothing is raised."""

    @abc.abstractmethod
    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """``steps + 1`` levels from the noisiest down to the clean one (``a = 1, s = 0``, always explicit).

        Raises:
            ComponentError: for fewer than 1 step, more steps than the schedule has, or a spacing it does not know.
        """
