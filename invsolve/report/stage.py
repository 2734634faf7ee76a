"""`Stage`: shots that run together on a page."""

from collections.abc import Sequence
from typing import final

import attrs

from invsolve.report.sheet import BUDGET, Sheet, sheets
from invsolve.report.shot import Shot


@final
@attrs.frozen
class Stage:
    """What the page's viewer needs.

    Attributes:
        sheets: the pictures.
        pair: the names of the two that the slider begins with, or none.
        rate: frames per second, 0 where that is not known.
    """

    sheets: tuple[Sheet, ...]
    pair: tuple[str, ...]
    rate: float

    @property
    def frames(self) -> int:
        """Frames of the longest shot."""
        return max(sheet.frames for sheet in self.sheets)

    @property
    def step(self) -> int:
        """Every how many frames one is shown."""
        return max(sheet.step for sheet in self.sheets)

    @property
    def maps(self) -> bool:
        """Whether any is a map."""
        return any(sheet.map for sheet in self.sheets)


def stage(shots: Sequence[Shot], pair: Sequence[str], frame_rate: float | None, budget: int = BUDGET) -> Stage:
    """Encode `shots` in at most `budget` bytes; `pair` is left out unless both are among them."""
    names = {shot.name for shot in shots}
    return Stage(sheets(shots, budget), tuple(pair) if set(pair) <= names else (), frame_rate or 0.0)
