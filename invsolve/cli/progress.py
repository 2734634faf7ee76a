"""Progress in plain lines, where there is no terminal."""

import time
from typing import Final, final

import attrs

from invsolve.cli.duration import duration
from invsolve.solving.observer import Finished, Observer, Started, Stepped

SECONDS_BETWEEN_LINES: Final = 10.0
LONG: Final = 20.0
"""Seconds from which on it is said how long something will take, as soon as that is known."""


@final
@attrs.define(eq=False)
class LineProgress(Observer):
    """A line every ten seconds, on whatever is counted, with its rate and the time left.

    What will take long is told at its first count.

    Attributes:
        word: what is counted.
    """

    word: str = "step"
    _started: float = attrs.field(factory=time.monotonic, init=False)
    _last: float = attrs.field(factory=time.monotonic, init=False)
    _before: int = attrs.field(default=0, init=False)
    _told: bool = attrs.field(default=False, init=False)

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Print a line on the steps of a run if it is time for one."""
        if isinstance(event, Started):
            self._started, self._before = time.monotonic(), event.step
        if isinstance(event, Stepped):
            self.tell(event.step, event.steps, misfit_of(event))

    def tell(self, done: int, count: int, more: str = "") -> None:
        """Print how far it is if it is time to, and `more` behind it."""
        if done >= count or done <= self._before:
            return
        now = time.monotonic()
        each = (now - self._started) / (done - self._before)
        left = each * (count - done)
        if now - self._last < SECONDS_BETWEEN_LINES and (self._told or left < LONG):
            return
        self._told, self._last = True, now
        print(f"{self.word} {done}/{count}, {duration(each)} each, about {duration(left)} left{more}", flush=True)


def misfit_of(event: Stepped) -> str:
    """The mean misfit that a step recorded, in words; empty where it recorded none."""
    misfit = event.info.get("misfit")
    return "" if misfit is None else f"  misfit {float(misfit.mean()):.4f}"
