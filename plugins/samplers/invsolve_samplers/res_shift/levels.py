"""The levels of a ResShift chain, in the units of a prior that was made for other levels."""

import math
from functools import lru_cache

from invsolve.errors import CapabilityError
from invsolve.schedule import CLEAN, NoiseLevel, Schedule
from invsolve_samplers.res_shift.schedule import ResShiftSchedule

HALVINGS = 60


@lru_cache(maxsize=32)
def shift_levels(chain: ResShiftSchedule, schedule: Schedule) -> tuple[NoiseLevel, ...]:
    """The levels of `chain`, each as ``(c a, c s)`` at the time when `schedule` has that ``s / a``.

    A level of `schedule` differs from one of the chain by a factor ``c`` of the whole latent; ``s / a`` is kept
    exactly, and the time is the nearest that there is.

    Raises:
        CapabilityError: for a prior that was made for another ResShift chain.
    """
    if isinstance(schedule, ResShiftSchedule):
        if schedule != chain:
            raise CapabilityError(f"this prior was made for the chain {schedule}, and the sampler has {chain}.")
        return chain.levels(chain.timesteps)
    return (*(_matching(schedule, level.sbar) for level in chain.levels(chain.timesteps)[:-1]), CLEAN)


def _matching(schedule: Schedule, sbar: float) -> NoiseLevel:
    low, high = 0.0, schedule.levels(1)[0].time
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if schedule.at(middle).sbar < sbar else (low, middle)
    near = min((schedule.at(low), schedule.at(high)), key=lambda level: abs(level.sbar - sbar))
    a = near.start_std / math.sqrt(1 + sbar**2)
    return NoiseLevel(a=a, s=sbar * a, time=near.time)
