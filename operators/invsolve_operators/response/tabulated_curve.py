"""`TabulatedCurve`: a measured camera response, cleaned so that it can be inverted."""

from typing import TYPE_CHECKING, Final, Literal, final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve.arrays import Array
from invsolve.cache import Cache
from invsolve.errors import ComponentError
from invsolve.video.curve import Curve

if TYPE_CHECKING:
    from typing import Self

LEAST_SLOPE: Final = 1e-6  # added to a table, so that its inverse exists
FALLEN: Final = 0.002  # a drop at an end, as a part of the range, that is no rounding
NOISE: Final = 10.0  # and that many times the noise of the samples


@final
@attrs.frozen(eq=False)
class TabulatedCurve(Curve):
    """Straight lines between knots ``light[r, k] -> values[r, k]``; ``r`` is 1, or one curve per channel.

    The inverse joins the same knots, so both maps undo each other to rounding. Beyond [0, 1] the outermost lines go on.
    """

    light: Array
    values: Array
    _cache: Cache = attrs.field(init=False, factory=Cache)

    @classmethod
    def of(cls, light: Array, values: Array) -> "Self":
        """Knots ``k`` or ``k c`` (columns are channels) after `increasing` has cleaned both axes.

        Raises:
            ComponentError: for tables of fewer than 2 knots or of lengths that differ.
        """
        light, values = (np.atleast_2d(table.T) for table in (light, values))
        if light.shape[1] != values.shape[1] or light.shape[1] < 2:
            raise ComponentError(
                f"a curve needs two or more knots and as many inputs as values, got {light.shape[1]} inputs and "
                f"{values.shape[1]} values."
            )
        rows = max(len(light), len(values))
        both = (np.stack([increasing(row) for row in np.broadcast_to(t, (rows, t.shape[1]))]) for t in (light, values))
        return cls(*both)

    @property
    def transfer(self) -> str:
        """``unknown``: a measured curve has no standard name."""
        return "unknown"

    @property
    def channels(self) -> int | None:
        """The number of channels with curves of their own; None where all share one."""
        return None if len(self.light) == 1 else len(self.light)

    def encode(self, light: Tensor) -> Tensor:
        """Along the lines, from light to values."""
        return self._follow(light, "encode", self.light, self.values)

    def decode(self, values: Tensor) -> Tensor:
        """Along the lines, from values to light."""
        return self._follow(values, "decode", self.values, self.light)

    def _follow(self, x: Tensor, way: Literal["encode", "decode"], inputs: Array, outputs: Array) -> Tensor:
        knots = self._cache.get(
            (way, x.dtype, x.device), lambda: torch.from_numpy(np.stack([inputs, outputs])).to(x.device, x.dtype)
        )
        start, goal = knots
        rows = x.movedim(1, 0).reshape(len(start), -1).contiguous()
        right = torch.searchsorted(start, rows.detach()).clamp(1, start.shape[1] - 1)
        slopes = goal.diff(dim=1) / start.diff(dim=1)
        left = right - 1
        followed: Tensor = goal.gather(1, left) + slopes.gather(1, left) * (rows - start.gather(1, left))
        return followed.reshape(x.shape[1], x.shape[0], *x.shape[2:]).movedim(0, 1)


def increasing(samples: Array) -> Array:
    """Samples of a noisy increasing curve as a strictly increasing one from 0 to 1.

    A few samples at an end that fall well below those before them (or at the beginning lie above those behind them) are
    no measurement: the straight line through their neighbours takes their place. Then three steps: shift and scale so
    that the first sample is 0 and the last is 1; replace the samples by the closest non-decreasing ones in the sense of
    least squares (isotonic regression), limited to [0, 1]; add 1e-6 of the straight line from 0 to 1, so that plateaus
    keep a slope and the curve can be inverted.

    Raises:
        ComponentError: where the last sample is not above the first.

    References:
        Barlow, Bartholomew, Bremner and Brunk 1972, for isotonic regression.
    """
    from scipy.optimize import isotonic_regression

    samples = _mended(_mended(samples)[::-1] * -1)[::-1] * -1
    if not samples[-1] > samples[0]:
        raise ComponentError(
            f"a response curve must rise from its first sample ({samples[0]:g}) to its last ({samples[-1]:g})."
        )
    scaled = (samples - samples[0]) / (samples[-1] - samples[0])
    # The ends weigh so much that they stay where they are.
    weights = np.ones_like(scaled)
    weights[[0, -1]] = 1e9
    rising = np.clip(isotonic_regression(scaled, weights=weights).x, 0, 1)
    rising[0], rising[-1] = 0, 1
    return np.asarray((1 - LEAST_SLOPE) * rising + LEAST_SLOPE * np.linspace(0, 1, len(rising)))


def _mended(samples: Array) -> Array:
    """`samples` with the last ones replaced where they fall well below those before them."""
    last = int(np.argmax(samples))
    noise = float(np.median(np.abs(np.diff(samples, 2)))) if len(samples) > 3 else 0.0
    fallen = float(samples[last] - samples[last:].min())
    few = 1 <= len(samples) - 1 - last <= max(1, len(samples) // 20)
    if last < 1 or not few or fallen <= max(FALLEN * float(np.ptp(samples)), NOISE * noise):
        return samples
    mended = samples.copy()
    step = samples[last] - samples[last - 1]
    mended[last + 1 :] = samples[last] + step * np.arange(1, len(samples) - last)
    return mended
