"""The noise levels that a prior is tried at."""

from invsolve.errors import ComponentError
from invsolve.prior import Prior
from invsolve.schedule import NoiseLevel
from invsolve.testing.law import NotApplicable


def noisy_levels(prior: Prior) -> tuple[NoiseLevel, NoiseLevel, NoiseLevel]:
    """The noisiest level of the prior's schedule, one in the middle, and the least noisy one."""
    for steps in (1000, 50, 4, 1):
        try:
            levels = prior.schedule.levels(steps)[:-1]
        except ComponentError:  # a schedule with fewer steps
            continue
        return levels[0], levels[len(levels) // 2], levels[-1]
    raise NotApplicable("its schedule has no levels")
