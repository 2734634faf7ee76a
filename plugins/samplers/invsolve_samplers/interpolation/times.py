"""`Times`: the times between two frames at which others are wanted."""

import math
import re
from fractions import Fraction
from typing import Final, final

import attrs

from invsolve.errors import UsageError

FINEST: Final = 64
"""The most equal parts that the time between two frames is divided into."""
_FACTOR: Final = re.compile(r"x?(\d+)x?")


@final
@attrs.frozen
class Times:
    """Times between two frames, as shares of the time from one to the next, on the coarsest grid that has them all.

    Attributes:
        parts: of the time between two frames, at least 2: the grid.
        chosen: which points of the grid are wanted, each from 1 to ``parts - 1``, in the order of time.
    """

    parts: int
    chosen: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> "Times":
        """``"4"`` or ``"4x"``: four times as many frames. ``"0.25,0.5"`` or ``"1/3,2/3"``: at these times.

        Raises:
            UsageError: for anything else, times outside of (0, 1), and times that no grid of 64 parts has.
        """
        factor = _FACTOR.fullmatch(text.strip())
        if factor:
            parts = int(factor[1])
            if not 2 <= parts <= FINEST:
                raise UsageError(f"--times {text}: a factor of frames lies in 2..{FINEST}.")
            return cls(parts, tuple(range(1, parts)))
        shares = sorted({_share(word, text) for word in text.split(",")})
        parts = math.lcm(*(share.denominator for share in shares))
        if parts > FINEST:
            raise UsageError(
                f"--times {text}: these times need the time between two frames in {parts} equal parts, and {FINEST} is "
                "the most; choose times with a common part, such as 0.25,0.5 or 1/3,2/3."
            )
        return cls(parts, tuple(int(share * parts) for share in shares))

    @property
    def shares(self) -> tuple[float, ...]:
        """The chosen times in (0, 1)."""
        return tuple(step / self.parts for step in self.chosen)

    @property
    def even(self) -> bool:
        """True if all frames, the old and the new ones, are equally far apart."""
        return len(self.chosen) == self.parts - 1

    def places(self, seen: int) -> tuple[int, ...]:
        """The frames to keep of the whole grid between `seen` frames: those, and the chosen ones between any two."""
        between = [gap * self.parts + step for gap in range(seen - 1) for step in (0, *self.chosen)]
        return (*between, (seen - 1) * self.parts)


def _share(word: str, text: str) -> Fraction:
    try:
        share = Fraction(word.strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError(
            f"--times {text}: {word.strip()!r} is neither a factor of frames, such as 4, nor a time between two "
            "frames, such as 0.25 or 1/3; several are written 0.25,0.5."
        ) from None
    if not 0 < share < 1:
        raise UsageError(f"--times {text}: {word.strip()} does not lie between 0 (one frame) and 1 (the next).")
    return share
