"""Turns and mirror images by a display matrix."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from av.video.frame import VideoFrame
from torch import Tensor

from invsolve.errors import ChoiceNeeded

Turn = Callable[[Tensor], Tensor]

_ROUNDING: Final = 1e-3


def display_matrix(frame: VideoFrame) -> tuple[float, float, float, float] | None:
    """``a, b, c, d`` of ``x' = a x + c y, y' = b x + d y`` (y points down); None where the frame has none."""
    found = frame.side_data.get("DISPLAYMATRIX")
    if found is None:
        return None
    a, b, _, c, d = (float(value) / 65536 for value in np.frombuffer(bytes(cast("Any", found)), dtype="<i4")[:5])
    return a, b, c, d


def turn_of(matrix: tuple[float, float, float, float] | None, path: Path) -> Turn:
    """The map that makes frames ``... h w`` upright: a turn by quarters, a mirror image, or both.

    Raises:
        ChoiceNeeded: for a matrix that does anything else.
    """
    if matrix is None:
        return lambda picture: picture
    a, b, c, d = matrix
    straight = _near(b, 0.0) and _near(c, 0.0) and _near(abs(a), 1.0) and _near(abs(d), 1.0)
    across = _near(a, 0.0) and _near(d, 0.0) and _near(abs(b), 1.0) and _near(abs(c), 1.0)
    if not (straight or across):
        raise ChoiceNeeded(
            f"{path} is to be shown turned or stretched by the matrix {[[a, c], [b, d]]}, which is no turn by quarters"
            " and no mirror image. Write `orientation: stored` to take its pixels as they are stored.",
            field="orientation",
        )
    down, right = (d, a) if straight else (b, c)
    flips = [axis for axis, sign in ((-2, down), (-1, right)) if sign < 0]

    def turned(picture: Tensor) -> Tensor:
        picture = picture if straight else picture.transpose(-1, -2)
        return picture.flip(flips) if flips else picture

    return turned


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) < _ROUNDING
