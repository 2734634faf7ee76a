"""`Log`: what happened in a run, line by line, in `log.txt`."""

from pathlib import Path
from typing import Final, final

import attrs

from invsolve.files.atomic import cannot_write
from invsolve.record.provenance import now
from invsolve.solving.observer import Finished, Observer, Started, Stepped

PARTS: Final = 20
"""A run logs its progress about this many times."""


@final
@attrs.frozen
class Log(Observer):
    """Appends lines with their time to a file; as an observer, those of a run's progress.

    Raises:
        WriteError: where the disk does not take them.
        RunFailed: where the disk does not take them.
    """

    path: Path

    def write(self, line: str) -> None:
        """Append a line."""
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(f"{now()} {line}\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Log a run's beginning, progress and end."""
        match event:
            case Started(steps=steps, step=step, trajectories=trajectories):
                self.write(f"{steps} steps from {step}, {trajectories} trajectories")
            case Stepped(step=step, steps=steps) if step == steps or step % max(1, steps // PARTS) == 0:
                values = ", ".join(f"{name} {float(value.float().mean()):.4g}" for name, value in event.info.items())
                self.write(f"step {step}/{steps} {values}".rstrip())
            case Finished(outcome=outcome, seconds=seconds):
                self.write(f"{outcome.name} after {seconds:.1f} s")
            case _:
                pass
