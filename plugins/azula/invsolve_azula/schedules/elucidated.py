"""`AzulaElucidated`: the noise levels of EDM on a clock of their own."""

from typing import Any, final

import attrs

from invsolve.validators import number
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.timed import TimedSchedule


@final
@attrs.frozen
class AzulaElucidated(TimedSchedule):
    """``a = 1``, ``s = ((1 - t) sigma_min^(1/rho) + t sigma_max^(1/rho))^rho``.

    Attributes:
        sigma_min: the least noise, positive.
        sigma_max: the most noise, more than ``sigma_min``.
        rho: exponent, positive; larger spends more time at little noise.

    References:
        Azula 0.11; Karras, Aittala, Aila and Laine 2022, eq. 5.

    Examples:
        ```python
        AzulaElucidated(sigma_min=0.002, sigma_max=80.0)
        ```

        ```yaml
        schedule: {use: azula_elucidated, sigma_min: 0.002, sigma_max: 80.0}
        ```
    """

    sigma_min: float = attrs.field(default=0.002, validator=number(above=0.0))
    sigma_max: float = attrs.field(default=80.0, validator=number(above=0.0))
    rho: float = attrs.field(default=7.0, validator=number(above=0.0))

    @property
    def law(self) -> Any:
        """azula's own."""
        return azula_module("plugins.edm").ElucidatedSchedule(
            sigma_min=self.sigma_min, sigma_max=self.sigma_max, rho=self.rho
        )
