"""Spacings: how the levels of a schedule are spread between its noisiest and its clean end."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.schedule.schedule import Spacing

RHO: Final = 7.0  # exponent of the polynomial spacing, Karras et al. 2022, eq. 5


def fractions(steps: int, spacing: Spacing, *, open_end: float = 0.0) -> NDArray[np.float64]:
    """Descending fractions of the time axis, without the clean end."""
    if steps < 1:
        raise ComponentError(f"a sampler needs at least 1 step, got {steps}.")
    whole = np.arange(steps, 0, -1) / steps
    match spacing:
        case "trailing" | "linspace":
            return whole
        case "leading":
            return whole - 1 / steps + open_end
        case "quadratic":
            return whole**2
        case "karras":
            raise ComponentError("karras spacing divides sbar, not time; ask the schedule for it.")


def karras_sigmas(steps: int, largest: float, smallest: float) -> NDArray[np.float64]:
    """``( smax^(1/7) + i/(n-1) (smin^(1/7) - smax^(1/7)) )^7``: polynomial spacing of ``sbar``, descending.

    References:
        Karras, Aittala, Aila and Laine 2022, eq. 5, with rho = 7.
    """
    if steps < 1:
        raise ComponentError(f"a sampler needs at least 1 step, got {steps}.")
    ramp = np.linspace(0.0, 1.0, steps)
    sigmas: NDArray[np.float64] = (largest ** (1 / RHO) + ramp * (smallest ** (1 / RHO) - largest ** (1 / RHO))) ** RHO
    return sigmas
