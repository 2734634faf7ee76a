"""Progress of a run: a bar on a terminal, plain lines elsewhere."""

import time
from typing import Final, final

import attrs
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from invsolve.solving.observer import Finished, Observer, Started, Stepped

SECONDS_BETWEEN_LINES: Final = 10.0


@final
@attrs.define(eq=False)
class BarProgress(Observer):
    """A bar with the number of steps, the misfit and the time left."""

    _progress: Progress = attrs.field(init=False, repr=False)

    @_progress.default
    def _new(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), transient=True)

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Move the bar."""
        match event:
            case Started(steps=steps, step=step):
                self._progress.add_task("sampling", total=steps, completed=step)
                self._progress.start()
            case Stepped(step=step):
                task = self._progress.task_ids[0]
                self._progress.update(task, completed=step, description=f"sampling{_misfit(event)}")
            case Finished():
                self._progress.stop()


@final
@attrs.define(eq=False)
class LineProgress(Observer):
    """A line every ten seconds, on whatever is counted.

    Attributes:
        word: what is counted.
    """

    word: str = "step"
    _last: float = attrs.field(factory=time.monotonic, init=False)

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Print a line on the steps of a run if it is time for one."""
        if isinstance(event, Stepped):
            self.tell(event.step, event.steps, _misfit(event))

    def tell(self, done: int, count: int, more: str = "") -> None:
        """Print how far it is if it is time to, and `more` behind it."""
        if done < count and time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            print(f"{self.word} {done}/{count}{more}", flush=True)
            self._last = time.monotonic()


def _misfit(event: Stepped) -> str:
    misfit = event.info.get("misfit")
    return "" if misfit is None else f"  misfit {float(misfit.mean()):.4f}"
