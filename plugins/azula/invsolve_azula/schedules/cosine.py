"""`AzulaCosine`: a quarter of a cosine."""

from typing import Any, final

import attrs

from invsolve.validators import number
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.timed import TimedSchedule


@final
@attrs.frozen
class AzulaCosine(TimedSchedule):
    """``a = cos(t arccos alpha_min)``, ``s^2 = 1 - a^2 + sigma_min^2``.

    Attributes:
        alpha_min: signal left at ``t = 1``, in (0, 1).
        sigma_min: noise left at ``t = 0``, in (0, 1).

    References:
        The schedule of the same name in azula 0.11; Nichol and Dhariwal 2021, section 3.2.

    Examples:
        ```python
        AzulaCosine(alpha_min=0.001, sigma_min=0.001)
        ```

        ```yaml
        schedule: {use: azula_cosine, alpha_min: 0.001, sigma_min: 0.001}
        ```
    """

    alpha_min: float = attrs.field(default=1e-3, validator=number(above=0.0, below=1.0))
    sigma_min: float = attrs.field(default=1e-3, validator=number(above=0.0, below=1.0))

    @property
    def law(self) -> Any:
        """azula's own."""
        return azula_module("noise").CosineSchedule(alpha_min=self.alpha_min, sigma_min=self.sigma_min)
