"""What happens to a job, from its place in the queue to its end."""

from pathlib import Path
from typing import Any, TypeAlias, final

import attrs


@final
@attrs.frozen
class Waiting:
    """Others are before it in the queue: `ahead` of them."""

    ahead: int


@final
@attrs.frozen
class Said:
    """One line on what is being done."""

    line: str


@final
@attrs.frozen
class Moved:
    """So many of its steps are done, after so many seconds of work."""

    step: int
    steps: int
    seconds: float

    @property
    def seconds_left(self) -> float:
        """At the pace so far; infinite before the first step."""
        return self.seconds / self.step * (self.steps - self.step) if self.step else float("inf")


@final
@attrs.frozen
class Done:
    """It ended well, with what it was asked for."""

    result: Any


@final
@attrs.frozen
class Failed:
    """It ended otherwise: a message for the visitor."""

    message: str


@final
@attrs.frozen
class Cancelled:
    """The visitor stopped it."""


Event: TypeAlias = Waiting | Said | Moved | Done | Failed | Cancelled
"""`Waiting`, then `Said` and `Moved`, and one of `Done`, `Failed` and `Cancelled` at the end."""


@final
@attrs.frozen
class Result:
    """What a run left for the page to show.

    Attributes:
        folder: Of the run; None of a preview, which leaves none.
        archive: All of it as a zip file; None of a preview.
        before: The observation, a picture; `after` the restored one at the same moment.
        after: The same size as `before`.
        observed: The observed clip, None of a picture.
        restored: The restored clip, None of a picture.
        side_by_side: Both, and what else is known, as a clip.
        maps: Further pictures of the run.
        table: Headings and rows of its numbers.
        remarks: On the whole run.
        recipe: The same run as YAML.
        python: The same run as Python.
    """

    folder: Path | None
    archive: Path | None
    before: Path
    after: Path
    observed: Path | None
    restored: Path | None
    side_by_side: Path | None
    maps: tuple[Path, ...]
    table: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]
    recipe: str
    python: str
