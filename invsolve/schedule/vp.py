"""`VPSchedule`: variance preserving, in continuous time."""

import math
from typing import final

import attrs

from invsolve.schedule.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.schedule.spacing import fractions, karras_sigmas
from invsolve.validators import number


@final
@attrs.frozen
class VPSchedule(Schedule):
    """Variance preserving in continuous time: ``abar(t) = exp(-(bmin t + (bmax - bmin) t^2 / 2))``, ``t`` in [0, 1].

    Attributes:
        beta_min: ``bmin``, positive.
        beta_max: ``bmax``, more than ``beta_min``.

    References:
        Song et al. 2021, eq. 32 and 33.

    Examples:
        ```python
        VPSchedule(beta_min=0.1, beta_max=20.0)
        ```

        ```yaml
        schedule: {use: vp, beta_min: 0.1, beta_max: 20.0}
        ```
    """

    beta_min: float = attrs.field(default=0.1, validator=number(above=0.0))
    beta_max: float = attrs.field(default=20.0, validator=number(above=0.0))

    def at(self, time: float) -> NoiseLevel:
        """The level at ``t = time``."""
        exponent = self.beta_min * time + (self.beta_max - self.beta_min) * time**2 / 2
        return NoiseLevel(a=math.exp(-exponent / 2), s=math.sqrt(-math.expm1(-exponent)), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels from ``t = 1`` (``leading``: from ``1 - 1/steps``) down to 0."""
        if spacing == "karras":
            sigmas = karras_sigmas(steps, self.at(1.0).sbar, self.at(1e-3).sbar)
            times = [self._time_of(float(sigma)) for sigma in sigmas]
        else:
            times = [float(t) for t in fractions(steps, spacing, open_end=1e-3)]
        return (*(self.at(t) for t in times), CLEAN)

    def _time_of(self, sbar: float) -> float:
        exponent = math.log1p(sbar**2)
        slope = self.beta_max - self.beta_min
        return (math.sqrt(self.beta_min**2 + 2 * slope * exponent) - self.beta_min) / slope
