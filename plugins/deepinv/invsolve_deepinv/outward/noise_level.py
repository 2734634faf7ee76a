"""`level_at`: the level of a schedule at which noise stands in a given proportion to the signal."""

import math
from typing import Final

from invsolve.errors import CapabilityError
from invsolve.prior import Prior, TractablePrior
from invsolve.schedule import NoiseLevel

HALVINGS: Final = 60
SLACK: Final = 1.001  # above the noisiest level: rounding, not another level


def level_at(prior: Prior, sbar: float) -> NoiseLevel:
    """The level with ``s / a = sbar`` exactly, at the nearest time that the schedule has.

    ``a`` and ``s`` are in the proportion that the schedule keeps: ``a = 1``, ``a^2 + s^2 = 1`` or ``a + s = 1``.

    Raises:
        CapabilityError: above the noisiest level, unless the prior is a closed form, which has no such limit.
    """
    schedule = prior.schedule
    noisiest = schedule.levels(1)[0]
    if sbar > noisiest.sbar * SLACK and not isinstance(prior, TractablePrior):
        raise CapabilityError(
            f"the {type(prior).__name__} prior knows noise up to {noisiest.sbar:.4g} times the signal, but is asked "
            f"for {sbar:.4g}; start deepinv's sampler at a lower sigma."
        )
    low, high = 0.0, noisiest.time
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if schedule.at(middle).sbar < sbar else (low, middle)
    near = schedule.at(high)
    if near.a == 1.0:
        return NoiseLevel(a=1.0, s=sbar, time=near.time)
    if abs(near.a + near.s - 1.0) < abs(math.hypot(near.a, near.s) - 1.0):
        return NoiseLevel(a=1 / (1 + sbar), s=sbar / (1 + sbar), time=near.time)
    return NoiseLevel(a=1 / math.hypot(1, sbar), s=sbar / math.hypot(1, sbar), time=near.time)
