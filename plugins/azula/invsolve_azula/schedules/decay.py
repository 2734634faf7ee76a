"""`AzulaDecay`: straight lines, with more time at little noise."""

from typing import Any, final

import attrs

from invsolve.validators import number
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.timed import TimedSchedule


@final
@attrs.frozen
class AzulaDecay(TimedSchedule):
    """``a = 1 - u + u alpha_min``, ``s = u + (1 - u) sigma_min`` with ``u = (1 - gamma^t) / (1 - gamma)``.

    Attributes:
        alpha_min: signal left at ``t = 1``, in (0, 1).
        sigma_min: noise left at ``t = 0``, in (0, 1).
        gamma: in (0, 1); the smaller, the more time at little noise.

    References:
        The schedule of the same name in azula 0.11; Liu, Gong and Liu 2023, eq. 1, on another clock.

    Examples:
        ```python
        AzulaDecay(gamma=0.1, alpha_min=0.001)
        ```

        ```yaml
        schedule: {use: azula_decay, gamma: 0.1, alpha_min: 0.001}
        ```
    """

    alpha_min: float = attrs.field(default=1e-3, validator=number(above=0.0, below=1.0))
    sigma_min: float = attrs.field(default=1e-3, validator=number(above=0.0, below=1.0))
    gamma: float = attrs.field(default=0.1, validator=number(above=0.0, below=1.0))

    @property
    def law(self) -> Any:
        """azula's own."""
        return azula_module("noise").DecaySchedule(alpha_min=self.alpha_min, sigma_min=self.sigma_min, gamma=self.gamma)
