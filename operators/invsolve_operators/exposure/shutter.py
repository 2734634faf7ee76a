"""Weights that a shutter gives to the frames of one exposure."""

import re
from math import erf, sqrt
from typing import Final

import numpy as np

from invsolve.errors import ComponentError
from invsolve_operators.spectra.time_matrix import Matrix

_SHUTTER: Final = re.compile(r"(box|trapezoid|gaussian)(?::(\d*\.?\d+(?:[eE][-+]?\d+)?))?")


def shutter_weights(shutter: str, frames: int) -> Matrix:
    """The share of each of `frames` equal parts of the exposure in the light that is collected; the sum is 1.

    With the exposure stretched to ``0 <= u <= 1`` the shutter lets through

    - ``box``: all light;
    - ``trapezoid:<ramp>``: light that grows linearly over a `ramp` of the exposure and falls as it grew; 0 to 0.5,
      by default 0.25;
    - ``gaussian:<std>``: ``exp(-(u - 1/2)^2 / (2 std^2))``, by default ``std = 0.25``.

    Each shape is integrated over each frame, not sampled.

    Raises:
        ComponentError: for anything else.
    """
    parsed = _SHUTTER.fullmatch(shutter)
    if parsed is None:
        raise ComponentError(
            f"shutter must be 'box', 'trapezoid', 'trapezoid:<ramp>', 'gaussian' or 'gaussian:<std>', got {shutter!r}."
        )
    name, text = parsed.groups()
    width = 0.25 if text is None else float(text)
    if name == "box":
        if text is not None:
            raise ComponentError(f"a box shutter has no parameter, got {shutter!r}.")
        return np.full(frames, 1 / frames)
    if width <= 0 or (name == "trapezoid" and width > 0.5):
        limit = "0 < ramp <= 0.5" if name == "trapezoid" else "std > 0"
        raise ComponentError(f"shutter {shutter!r} needs {limit}, in units of the exposure.")
    collected = _trapezoid_integral if name == "trapezoid" else _gaussian_integral
    light = np.diff([collected(n / frames, width) for n in range(frames + 1)])
    return np.asarray(light / light.sum())


def _trapezoid_integral(u: float, ramp: float) -> float:
    if u < ramp:
        return u**2 / (2 * ramp)
    if u <= 1 - ramp:
        return u - ramp / 2
    return 1 - ramp - (1 - u) ** 2 / (2 * ramp)


def _gaussian_integral(u: float, std: float) -> float:
    return erf((u - 0.5) / (std * sqrt(2)))
