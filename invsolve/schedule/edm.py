"""`EDMSchedule`: variance exploding, spaced as EDM spaces it."""

from typing import final

import attrs
import numpy as np

from invsolve.schedule.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.schedule.spacing import fractions, karras_sigmas
from invsolve.validators import number


@final
@attrs.frozen
class EDMSchedule(Schedule):
    """Variance exploding: ``z = z0 + sigma eps``, ``sigma`` from `sigma_max` to `sigma_min`, then 0.

    Spacing ``karras`` is meant for it; ``trailing`` is the same here, ``linspace`` and ``quadratic`` divide the sigma
    axis itself.

    Attributes:
        sigma_min: the least noisy level before 0, positive.
        sigma_max: the noisiest level, more than ``sigma_min``.

    References:
        Karras, Aittala, Aila and Laine 2022, table 1 and eq. 5.

    Examples:
        ```python
        EDMSchedule(sigma_min=0.002, sigma_max=80.0)
        ```

        ```yaml
        schedule: {use: edm, sigma_min: 0.002, sigma_max: 80.0}
        ```
    """

    sigma_min: float = attrs.field(default=0.002, validator=number(above=0.0))
    sigma_max: float = attrs.field(default=80.0, validator=number(above=0.0))

    def at(self, time: float) -> NoiseLevel:
        """The level of ``sigma = time``."""
        return NoiseLevel(a=1.0, s=float(time), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "karras") -> tuple[NoiseLevel, ...]:
        """Levels from ``sigma_max`` down to ``sigma_min``, then the clean one."""
        if spacing in ("karras", "trailing"):
            sigmas = karras_sigmas(steps, self.sigma_max, self.sigma_min)
        else:
            sigmas = np.maximum(self.sigma_max * fractions(steps, spacing), self.sigma_min)
        return (*(self.at(float(sigma)) for sigma in sigmas), CLEAN)
