"""Medians over clips and how sure they are."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, final

import attrs
import numpy as np
import numpy.typing as npt

RESAMPLES: Final = 10_000
LEVEL: Final = 0.95

Ranks = npt.NDArray[np.int32]


@final
@attrs.frozen
class Interval:
    """A median over clips with its 95 % bootstrap interval."""

    median: float
    low: float
    high: float

    @property
    def plain(self) -> dict[str, float | None]:
        """For JSON, where what is not finite is null."""
        return {name: value if math.isfinite(value) else None for name, value in attrs.asdict(self).items()}


def median_interval(values: Sequence[float]) -> Interval:
    """The median of `values`, and the 2.5 % and 97.5 % quantiles of the medians of 10,000 resamples of them.

    Clips are drawn with replacement, as many as there are, with a fixed seed: the same values, in any order, have the
    same interval. NaN without values, and where one of them is NaN.

    References:
        Efron 1979, percentile method.
    """
    array = np.sort(np.asarray(values, dtype=np.float64))
    if array.size == 0 or np.isnan(array[-1]):
        return Interval(math.nan, math.nan, math.nan)
    lower, upper = _middles(array.size)
    # no interpolation between an infinite PSNR and a finite one
    medians = (array[lower] + array[upper]) / 2 if np.isfinite(array).all() else array[lower]
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    return Interval(float(np.median(array)), float(low), float(high))


@lru_cache(maxsize=32)
def _middles(size: int) -> tuple[Ranks, Ranks]:
    """The ranks of the two values in the middle of each resample of `size` values, which may be one."""
    draws = np.random.default_rng(0).integers(size, size=(RESAMPLES, size), dtype=np.int32)
    places = (size - 1) // 2, size // 2
    draws.partition(places, axis=1)
    return draws[:, places[0]].copy(), draws[:, places[1]].copy()
