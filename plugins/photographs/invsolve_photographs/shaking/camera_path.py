"""Random displacement fields of a camera that moves while it exposes."""

import math
from typing import Any, Final, final

import attrs
import numpy as np
from jaxtyping import Float

UNIT: Final = 160.0  # pixels that coordinates of displacement fields are counted in
TERMS: Final = 6  # 1, x, y, x^2, x y, y^2

Array = np.ndarray[Any, Any]


@final
@attrs.frozen
class CameraPath:
    """Displacement fields that are quadratic in the picture's coordinates, along random paths in time.

    Translation, roll, zoom, turning about two axes (perspective) and a shear as of a rolling shutter, each along a path
    of its own: mostly uniform in time, with some curvature, now and then shaky, and 0 at time 0.

    Attributes:
        median: [pixels] the translation at time 1 is log-normal, cut off at ``largest``.
        spread: the translation at time 1 is log-normal, cut off at ``largest``.
        still: the chance of a camera that moves by less than half a pixel.
    """

    median: float = 3.0
    spread: float = 0.65
    largest: float = 14.0
    still: float = 0.1

    def length(self, rng: np.random.Generator) -> float:
        """A random length of the translation at time 1 [pixels]."""
        if rng.random() < self.still:
            return float(0.5 * rng.random())
        return float(np.clip(self.median * math.exp(self.spread * rng.standard_normal()), 0.05, self.largest))

    def coefficients(
        self, rng: np.random.Generator, times: Float[Array, " t"], length: float
    ) -> Float[Array, "t 2 terms"]:
        """Coefficients of ``(down, right)`` at each time over the `TERMS` in units of `UNIT` from the middle."""
        found = np.zeros((len(times), 2, TERMS))
        # six of ten moves are near level, as with people who walk and cameras that pan
        level = rng.standard_normal() * 0.5 + math.pi * (rng.random() < 0.5)
        angle = level if rng.random() < 0.6 else rng.random() * 2 * math.pi
        found[:, 0, 0] = length * math.sin(angle) * self.course(rng, times)
        found[:, 1, 0] = length * math.cos(angle) * self.course(rng, times)
        # where the picture's middle is, seen from the middle of the patch
        x0, y0 = (rng.random() - 0.5) * 2.6, (rng.random() - 0.5) * 1.1
        sizes = 0.35 * length * np.array([0.5, 0.3, 0.12, 0.12, 0.15]) * rng.standard_normal(5)
        roll, zoom, pan, tilt, shear = (size * self.course(rng, times) for size in sizes)
        down, right = found[:, 0].T, found[:, 1].T
        for axis, factor, values in (
            (right, roll, (y0, 0, -1, 0, 0, 0)),
            (down, roll, (-x0, 1, 0, 0, 0, 0)),
            (right, zoom, (-x0, 1, 0, 0, 0, 0)),
            (down, zoom, (-y0, 0, 1, 0, 0, 0)),
            (right, pan, (x0 * x0, -2 * x0, 0, 1, 0, 0)),
            (down, pan, (x0 * y0, -y0, -x0, 0, 1, 0)),
            (down, tilt, (y0 * y0, 0, -2 * y0, 0, 0, 1)),
            (right, tilt, (x0 * y0, -y0, -x0, 0, 1, 0)),
            (right, shear, (0, 0, 1, 0, 0, 0)),
        ):
            axis[...] += np.outer(np.array(values, dtype=float), factor)
        return found

    def course(self, rng: np.random.Generator, times: Float[Array, " t"]) -> Float[Array, " t"]:
        """``t + a t^2 + b (t^3 - t) + j (sin(w t + p) - sin p)`` with random ``a, b, j, w, p``."""
        shaky = 2.5 if rng.random() < 0.2 else 1.0
        a, b, j = np.array([0.18, 0.10, 0.05]) * shaky * rng.standard_normal(3)
        phase, speed = rng.random() * 2 * math.pi, 2 + 3 * rng.random()
        found: Array = (
            times + a * times**2 + b * (times**3 - times) + j * (np.sin(speed * times + phase) - np.sin(phase))
        )
        return found


def terms(height: int, width: int, step: int = 1) -> Float[Array, "terms h w"]:
    """The `TERMS` at the middles of cells of `step` pixels."""
    down, across = (
        (np.arange(side // step) * step + (step - 1) / 2 - (side - 1) / 2) / UNIT for side in (height, width)
    )
    y, x = np.meshgrid(down, across, indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])
