"""Medians over clips and how sure they are."""

import math
from collections.abc import Sequence
from typing import Final, final

import attrs
import numpy as np

RESAMPLES: Final = 10_000
LEVEL: Final = 0.95


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

    Clips are drawn with replacement, as many as there are, with a fixed seed: the same values have the same interval.
    NaN without values.

    References:
        Efron 1979, percentile method.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    draws = np.random.default_rng(0).integers(array.size, size=(RESAMPLES, array.size))
    # no interpolation between an infinite PSNR and a finite one
    medians = (
        np.quantile(array[draws], 0.5, axis=1, method="inverted_cdf")
        if not np.isfinite(array).all()
        else (np.median(array[draws], axis=1))
    )
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    return Interval(float(np.median(array)), float(low), float(high))
