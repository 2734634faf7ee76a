"""`ExposureMode`: which frames of a clip one picture is exposed to, and which of them are to be found."""

from typing import Any, final

import attrs
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.validators import number, whole

Range = tuple[int, int]
Shares = tuple[float, float]

share = number(above=0.0, most=1.0)


def _rising(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
    if value[0] > value[1]:
        raise ComponentError(f"{type(component).__name__}.{field.name} is the least and the most, got {list(value)}.")


@final
@attrs.frozen(eq=False)
class Exposures:
    """The frames shown to the network, and those averaged, for each clip of a batch.

    Attributes:
        frames: numbers of the frames to be found.
        intervals: start and end of their exposure, in units of the picture's, which runs from -0.5 to 0.5.
        weights: the picture is ``sum_t weights[t] x[t]``; each row sums to 1.
    """

    frames: Int[Tensor, "b k"]
    intervals: Float[Tensor, "b k 2"]
    weights: Float[Tensor, "b t"]

    def rows(self, which: slice) -> "Exposures":
        """Those of some clips."""
        return Exposures(self.frames[which], self.intervals[which], self.weights[which])


@final
@attrs.frozen
class ExposureMode:
    """A window of a clip, a part of which is exposed: the present alone, past and future around it, or with gaps.

    A step draws ``k`` and ``s``; each clip a window of ``k s`` frames and an exposure of consecutive frames in it, both
    anywhere. The network finds every ``s``-th frame of the window; frame ``n`` is exposed from ``n`` to ``n + 1``.

    Attributes:
        frames: least and most ``k``.
        every: least and most ``s``; above 1 there are gaps between the frames.
        exposed: least and most share of the window that the picture is exposed to, rounded to whole frames, at least
            one. ``[1, 1]`` leaves no past and no future.
        weight: how often this mode is drawn among others.

    Raises:
        ComponentError: for ranges that fall.

    References:
        Tedla, Zhu, Canham, Taubner, Brown, Kutulakos and Lindell 2025, their code (its modes ``1x``, ``2x`` and
        ``large_blur``).
    """

    frames: Range = attrs.field(default=(1, 10), validator=[attrs.validators.deep_iterable(whole(least=1)), _rising])
    exposed: Shares = attrs.field(default=(1.0, 1.0), validator=[attrs.validators.deep_iterable(share), _rising])
    every: Range = attrs.field(default=(1, 1), validator=[attrs.validators.deep_iterable(whole(least=1)), _rising])
    weight: float = attrs.field(default=1.0, validator=number(above=0.0))

    @property
    def shortest(self) -> int:
        """Frames of the smallest window."""
        return self.frames[0] * self.every[0]

    def draw(self, rng: np.random.Generator, batch: int, frames: int) -> Exposures:
        """Exposures of `batch` clips of `frames` frames; windows are no longer than a clip."""
        every = int(rng.integers(self.every[0], max(self.every[0], min(self.every[1], frames // self.frames[0])) + 1))
        count = int(rng.integers(self.frames[0], min(self.frames[1], frames // every) + 1))
        window = count * every
        start = rng.integers(0, frames - window + 1, batch)
        shares = rng.uniform(*self.exposed, batch)
        length = np.maximum(1, np.rint(shares * window).astype(np.int64))
        exposed = start + rng.integers(0, window - length + 1)
        shown = start[:, None] + rng.integers(0, every, batch)[:, None] + every * np.arange(count)
        ends = np.stack([shown, shown + 1], -1)
        intervals = (ends - exposed[:, None, None]) / length[:, None, None] - 0.5
        places = np.arange(frames) - exposed[:, None]
        weights = ((places >= 0) & (places < length[:, None])) / length[:, None]
        return Exposures(torch.from_numpy(shown), torch.from_numpy(intervals), torch.from_numpy(weights))


def draw_exposures(modes: tuple[ExposureMode, ...], rng: np.random.Generator, batch: int, frames: int) -> Exposures:
    """Exposures of one of the modes, drawn by weight."""
    weights = np.array([mode.weight for mode in modes])
    return modes[int(rng.choice(len(modes), p=weights / weights.sum()))].draw(rng, batch, frames)
