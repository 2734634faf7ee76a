"""`AzulaVE`: variance exploding, geometric."""

from typing import Any, final

import attrs

from invsolve.validators import number
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.timed import TimedSchedule


@final
@attrs.frozen
class AzulaVE(TimedSchedule):
    """``a = 1``, ``log s = (1 - t) log sigma_min + t log sigma_max``.

    Attributes:
        sigma_min: the least noise, positive.
        sigma_max: the most noise, more than ``sigma_min``.

    References:
        The schedule of the same name in azula 0.11; Song et al. 2021, eq. 31.

    Examples:
        ```python
        AzulaVE(sigma_min=0.001, sigma_max=1000.0)
        ```

        ```yaml
        schedule: {use: azula_ve, sigma_min: 0.001, sigma_max: 1000.0}
        ```
    """

    sigma_min: float = attrs.field(default=1e-3, validator=number(above=0.0))
    sigma_max: float = attrs.field(default=1e3, validator=number(above=0.0))

    @property
    def law(self) -> Any:
        """azula's own."""
        return azula_module("noise").VESchedule(sigma_min=self.sigma_min, sigma_max=self.sigma_max)
