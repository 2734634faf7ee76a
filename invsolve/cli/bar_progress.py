"""Progress of a run on a terminal: a bar."""

from typing import final

import attrs
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from invsolve.cli.progress import misfit_of
from invsolve.solving.observer import Finished, Observer, Started, Stepped


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
                self._progress.update(task, completed=step, description=f"sampling{misfit_of(event)}")
            case Finished():
                self._progress.stop()
