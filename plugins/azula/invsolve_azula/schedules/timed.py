"""Abstract `TimedSchedule`: a schedule of azula, asked itself for its levels."""

import abc
import math
from typing import Any

import torch
from scipy.optimize import brentq

from invsolve.errors import ComponentError
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.schedule.schedule import CLEAN, Spacing
from invsolve.schedule.spacing import fractions, karras_sigmas


class TimedSchedule(Schedule):
    """``a = alpha_t`` and ``s = sigma_t`` of azula's own class in float64, ``t`` from 0 to 1.

    azula stops at ``t = 0``, where a little noise ``sigma_0`` is left; here the last level is the clean one. ``t`` is
    the ``time`` of a level.
    """

    @property
    @abc.abstractmethod
    def law(self) -> Any:
        """azula's object; raises `CapabilityError` where azula is not installed."""

    def at(self, time: float) -> NoiseLevel:
        """The level at ``t = time``."""
        return self._at([float(time)])[0]

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels from ``t = 1`` (``leading``: from ``1 - 1/steps``) down, then the clean one.

        ``trailing`` and ``linspace`` are azula's own steps.
        """
        if spacing == "karras":
            sigmas = karras_sigmas(steps, self.at(1.0).sbar, self.at(0.0).sbar)
            times = [self._time_of(float(sigma)) for sigma in sigmas]
        else:
            times = [float(t) for t in fractions(steps, spacing)]
        return (*self._at(times), CLEAN)

    def _at(self, times: list[float]) -> tuple[NoiseLevel, ...]:
        a, s = self.law(torch.tensor(times, dtype=torch.float64))
        return tuple(map(NoiseLevel, a.tolist(), s.tolist(), times))

    def _time_of(self, sbar: float) -> float:
        least, most = self.at(0.0).sbar, self.at(1.0).sbar
        if not math.isfinite(most):
            raise ComponentError("karras spacing divides s / a, which has no end here; use another spacing.")
        if sbar >= most:
            return 1.0
        if sbar <= least:
            return 0.0
        return float(brentq(lambda t: math.log(self.at(t).sbar / sbar), 0.0, 1.0, xtol=1e-14))
