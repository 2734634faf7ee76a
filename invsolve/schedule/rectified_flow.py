"""`FlowSchedule`: rectified flow, straight lines between data and noise."""

from typing import final

import attrs

from invsolve.schedule.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.schedule.spacing import fractions, karras_sigmas
from invsolve.validators import number


@final
@attrs.frozen
class FlowSchedule(Schedule):
    """Rectified flow: ``z = (1 - t) z0 + t z1``, ``a = 1 - t``, ``s = t``, ``t`` in [0, 1].

    Attributes:
        shift: positive; times become ``k t / (1 + (k - 1) t)``, more of them noisy for ``k > 1``.

    References:
        Liu, Gong and Liu 2023, eq. 1; Esser et al. 2024, eq. 23 (the shift).

    Examples:
        ```python
        FlowSchedule(shift=3.0)
        ```

        ```yaml
        schedule: {use: flow, shift: 3.0}
        ```
    """

    shift: float = attrs.field(default=1.0, validator=number(above=0.0))

    def at(self, time: float) -> NoiseLevel:
        """The level at the (already shifted) flow time."""
        return NoiseLevel(a=1.0 - time, s=float(time), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels from ``t = 1`` down to 0, shifted."""
        if spacing == "karras":
            sigmas = karras_sigmas(steps, 1e3, 1e-3)
            times = sigmas / (1 + sigmas)
        else:
            plain = fractions(steps, spacing, open_end=1e-3)
            times = self.shift * plain / (1 + (self.shift - 1) * plain)
        return (*(self.at(float(t)) for t in times), CLEAN)
