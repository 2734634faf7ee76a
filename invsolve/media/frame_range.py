"""`FrameRange`: which frames of a clip are used."""

import re
from typing import Any, Final, final

import attrs

from invsolve.errors import ComponentError, ReadError

LONGEST: Final = 40
_RANGE: Final = re.compile(r"(\d*)\.\.(\d*)")


@final
@attrs.frozen
class FrameRange:
    """Frames ``start, start + stride, ...`` before ``stop`` (None: to the end); the first frame is number 0."""

    start: int = 0
    stop: int | None = None
    stride: int = 1

    @classmethod
    def parse(cls, frames: int | str | None, stride: int = 1) -> "FrameRange":
        """Read ``10`` (the first ten), ``"4..12"`` (frames 4 to 11), ``"4.."``, ``"..12"`` or None (all)."""
        if frames is None:
            return cls(stride=stride)
        if isinstance(frames, int):
            if isinstance(frames, bool) or frames < 1:
                raise ComponentError(f"frames must be a count of at least 1 or a range like '0..16', got {frames!r}.")
            # a count is of frames used, so that `frames: 10, stride: 2` gives ten
            return cls(stop=(frames - 1) * stride + 1, stride=stride)
        match = _RANGE.fullmatch(frames.strip())
        if match is None:
            raise ComponentError(f"frames must be a count or a range like '0..16', '4..' or '..12', got {frames!r}.")
        if len(frames) > LONGEST:
            raise ComponentError(f"frames {frames[:LONGEST]!r}... has numbers that no clip reaches.")
        start, stop = int(match[1] or 0), int(match[2]) if match[2] else None
        if stop is not None and stop <= start:
            raise ComponentError(f"frames {frames!r} is empty: the range ends before its last number.")
        return cls(start, stop, stride)

    def __contains__(self, index: int) -> bool:
        return index >= self.start and not self.is_past(index) and (index - self.start) % self.stride == 0

    def is_past(self, index: int) -> bool:
        """True if neither `index` nor any later frame is used."""
        return self.stop is not None and index >= self.stop

    def check(self, count: int, where: str) -> None:
        """Raise `ReadError` unless a clip of `count` frames has all of them; `where` names the clip."""
        needed = self.start + 1 if self.stop is None else self.stop
        if count < needed:
            there = "1 frame" if count == 1 else f"{count} frames"
            raise ReadError(f"{where} has {there}, but frame {needed - 1} was asked for (the first is 0). Use fewer.")

    def indices(self, count: int, where: str) -> range:
        """The frames used of a clip of `count`; raises `ReadError` where it is too short."""
        self.check(count, where)
        return range(self.start, count if self.stop is None else self.stop, self.stride)


def check_frames(instance: Any, _: object, value: int | str | None) -> None:
    """Validate a field ``frames`` (attrs validator)."""
    del instance
    FrameRange.parse(value)
