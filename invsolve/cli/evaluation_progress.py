"""Progress of an evaluation: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, final

import attrs

from invsolve.cli.duration import duration
from invsolve.cli.message import brief
from invsolve.cli.progress import SECONDS_BETWEEN_LINES

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from invsolve.evaluation.evaluation import Done, Failed


@final
@attrs.define(eq=False)
class EvaluationProgress:
    """Counts clips."""

    name: str
    total: int
    bar: "Progress | None"
    task: "TaskID | None" = None
    done: int = 0
    fresh: int = 0
    started: float = attrs.field(factory=time.monotonic)
    last: float = attrs.field(factory=time.monotonic)

    @classmethod
    @contextmanager
    def start(cls, name: str, total: int, quiet: bool) -> "Iterator[EvaluationProgress]":
        """Show progress as long as the block runs; not at all if `quiet`."""
        if quiet or not sys.stdout.isatty():
            yield cls(name, 0 if quiet else total, None)
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), transient=True) as bar:
            yield cls(name, total, bar, bar.add_task(name, total=total))

    def show(self, event: "Done | Failed") -> None:
        """Count one clip, or a batch that failed."""
        from invsolve.evaluation.evaluation import Done

        count = 1 if isinstance(event, Done) else len(event.names)
        self.done += count
        if isinstance(event, Done) and event.remark:
            print(f"{self.name}: {brief(event.remark)}", file=sys.stderr, flush=True)
        self.fresh += 0 if isinstance(event, Done) and not event.fresh else count
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done)
        elif self.total and time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            each = (self.last - self.started) / max(1, self.fresh)
            left = each * (self.total - self.done)
            print(
                f"{self.name}: clip {self.done}/{self.total}, {duration(each)} each, about {duration(left)} left",
                flush=True,
            )
