"""`ResShiftSchedule`: how fast ResShift moves the residual."""

import math
from typing import ClassVar, final

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.validators import number, whole
from invsolve_samplers.res_shift.kernel import ResShiftKernel

positive = number(above=0.0)


@final
@attrs.frozen
class ResShiftSchedule(Schedule):
    """``a = 1 - eta_t``, ``s = kappa sqrt(eta_t)``: what is left of the signal, and the noise, next to ``eta_t y``.

    ``sqrt(eta_t) = sqrt(eta_1) b^(u (T - 1))``, ``u = ((t - 1) / (T - 1))^power``, from
    ``sqrt(eta_1) = min(noise / kappa, noise, sqrt(0.001))`` to ``sqrt(eta_T) = end``.

    Attributes:
        timesteps: ``T``, at least 2.
        kappa: of the noise, positive.
        power: how late the residual moves, positive.
        end: ``sqrt(eta_T)``, in (0, 1).
        noise: of the first level, positive; 0.2 for 4 steps.

    References:
        Yue, Wang and Loy 2023, section 2.2; the value of ``eta_1`` as in the authors' code.

    Examples:
        ```python
        ResShiftSchedule(timesteps=15, kappa=2.0, power=0.3)
        ```

        ```yaml
        schedule: {use: res_shift, timesteps: 15, kappa: 2.0, power: 0.3}
        ```
    """

    references: ClassVar[tuple[str, ...]] = ResShiftKernel.references

    timesteps: int = attrs.field(default=15, validator=whole(least=2))
    kappa: float = attrs.field(default=2.0, validator=positive)
    power: float = attrs.field(default=0.3, validator=positive)
    end: float = attrs.field(default=0.99, validator=[positive, number(below=1.0)])
    noise: float = attrs.field(default=0.04, validator=positive)

    @property
    def eta(self) -> NDArray[np.float64]:
        """``eta_t`` for ``t = 1 .. T``."""
        first = min(self.noise / self.kappa, self.noise, math.sqrt(0.001))
        share = (np.arange(self.timesteps) / (self.timesteps - 1)) ** self.power
        root: NDArray[np.float64] = first * (self.end / first) ** share
        return root**2

    def at(self, time: float) -> NoiseLevel:
        """The level of ``t = time`` (an integer from 1)."""
        eta = float(self.eta[round(time) - 1])
        return NoiseLevel(a=1 - eta, s=self.kappa * math.sqrt(eta), time=float(round(time)))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """All ``T`` levels: the chain is made for its number of steps."""
        if steps != self.timesteps:
            raise ComponentError(f"a ResShift chain of {self.timesteps} timesteps takes as many steps, got {steps}.")
        return (*(self.at(float(t)) for t in range(self.timesteps, 0, -1)), CLEAN)
