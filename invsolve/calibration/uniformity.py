"""`Uniformity`: are ranks as even as those of a calibrated sampler, and if not, what does their shape say?"""

import math
from enum import Enum
from functools import lru_cache
from typing import Final, final

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError

NULL_DRAWS: Final = 20_000
LEAST_COUNT: Final = 5  # expected in a bin: the usual bound of the chi-square approximation
FEWEST_BINS, MOST_BINS = 4, 20
CLEAR: Final = 3.0  # standard deviations from which a shape has a name

Counts = NDArray[np.int64]


class Shape(Enum):
    """The shape of uneven ranks; the value is its meaning."""

    EVEN = "no sign of a miscalibration"
    NARROW = "U: the samples spread too little around the truth; too sure of themselves"
    WIDE = "hill: the samples spread too far around the truth; surer would be right"
    LOW = "slope up: the samples lie too low"
    HIGH = "slope down: the samples lie too high"
    FITTED = "the samples explain the observation better than the truth does: they fit its noise"
    MISSED = "the samples explain the observation worse than the truth does"
    UNEVEN = "uneven, neither slope nor U"


@final
@attrs.frozen(eq=False)
class Uniformity:
    """The ranks of one quantity.

    Attributes:
        counts: of each bin.
        band: the counts between which a single bin of even ranks lies with 99 %.
        p_chi_square: of Pearson's test over bins.
        p_ecdf: of the test by the cumulated ranks.
        slope: mean of the first two Legendre polynomials of the ranks, in standard deviations: 0 for even ranks, up to
            a standard error of 1.
        bend: mean of the first two Legendre polynomials of the ranks, in standard deviations: 0 for even ranks, up to a
            standard error of 1.
    """

    counts: tuple[int, ...]
    band: tuple[int, int]
    p_chi_square: float
    p_ecdf: float
    slope: float
    bend: float

    @property
    def p(self) -> float:
        """The smaller p-value, twice, since there are two tests (Bonferroni)."""
        return min(1.0, 2 * min(self.p_chi_square, self.p_ecdf))

    def shape(self, even: bool) -> Shape:
        """The name of the shape; `even` where the test does not object."""
        if even:
            return Shape.EVEN
        if max(abs(self.slope), abs(self.bend)) < CLEAR:
            return Shape.UNEVEN
        if abs(self.bend) >= abs(self.slope):
            return Shape.NARROW if self.bend > 0 else Shape.WIDE
        return Shape.LOW if self.slope > 0 else Shape.HIGH


def uniformity(ranks: Counts, samples: int) -> Uniformity:
    """Test ranks ``0 .. samples`` for being even.

    - Pearson's chi-square over as many equal bins as divide ``samples + 1``, at most 20, with 5 expected in each.
    - By cumulated ranks: at each of their values the count of those up to it is binomial; the statistic is the least
      two-sided tail probability over all values, its law that of simulated even ranks. It sees a slope or a bend that
      chi-square spreads over its bins, and gives a band for the whole curve.

    Raises:
        ComponentError: for too few draws to fill any bins.

    References:
        Talts et al. 2018, section 4; Säilynoja, Bürkner and Vehtari 2022, section 2, with the simulated law for
        p-values too.
    """
    from scipy.special import chdtrc

    draws, bins = len(ranks), bins_for(len(ranks), samples)
    counts = np.bincount(ranks, minlength=samples + 1)
    binned = counts.reshape(bins, -1).sum(1)
    expected = draws / bins
    statistic = float(((binned - expected) ** 2).sum() / expected)
    least = _least_tail(counts[None], draws)[0]
    null = _null(draws, samples)
    u = 2 * (np.asarray(ranks) + 0.5) / (samples + 1) - 1
    return Uniformity(
        counts=tuple(int(count) for count in binned),
        band=(_quantile(0.005, draws, 1 / bins), _quantile(0.995, draws, 1 / bins)),
        p_chi_square=float(chdtrc(bins - 1, statistic)),
        p_ecdf=float((1 + np.searchsorted(null, least * (1 + 1e-9), side="right")) / (1 + len(null))),
        slope=float(math.sqrt(3 * draws) * u.mean()),
        bend=float(math.sqrt(5 * draws) * (1.5 * u**2 - 0.5).mean()),
    )


def bins_for(draws: int, samples: int) -> int:
    """The number of equal bins for the ranks ``0 .. samples`` of that many draws; raises `ComponentError` for none."""
    fitting = [bins for bins in range(FEWEST_BINS, MOST_BINS + 1) if (samples + 1) % bins == 0]
    if not fitting:
        raise ComponentError(
            f"{samples} samples give {samples + 1} ranks, which no number of bins from {FEWEST_BINS} to {MOST_BINS} "
            "divides; take 15, 19, 31 or 63 samples, say."
        )
    filled = [bins for bins in fitting if draws >= LEAST_COUNT * bins]
    if not filled:
        raise ComponentError(
            f"{draws} draws are too few for {fitting[0]} bins with {LEAST_COUNT} each: take at least "
            f"{LEAST_COUNT * fitting[0]}; 200 show a variance of half the right one, 500 one of two thirds."
        )
    return filled[-1]


def ecdf_band(draws: int, samples: int, level: float = 0.99) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bound of the part of ranks up to ``r = 0 .. samples``, held by the whole curve with `level`."""
    least = _null(draws, samples)[int((1 - level) * NULL_DRAWS)]
    places = [(rank + 1) / (samples + 1) for rank in range(samples + 1)]
    low = np.array([_quantile(least / 2, draws, place) for place in places])
    high = np.array([_quantile(1 - least / 2, draws, place) for place in places])
    return low / draws, high / draws


def _quantile(probability: float, draws: int, place: float) -> int:
    """The least count whose binomial distribution function reaches `probability`."""
    from scipy.special import bdtr

    return int(np.searchsorted(bdtr(np.arange(draws + 1), draws, place), probability).clip(max=draws))


@lru_cache(maxsize=8)
def _null(draws: int, samples: int) -> NDArray[np.float64]:
    """The statistic of `NULL_DRAWS` simulated sets of even ranks, sorted: always the same."""
    even = np.full(samples + 1, 1 / (samples + 1))
    return np.sort(_least_tail(np.random.default_rng(0).multinomial(draws, even, size=NULL_DRAWS), draws))


def _least_tail(counts: Counts, draws: int) -> NDArray[np.float64]:
    """For each row of counts the least two-sided tail probability of the cumulated count, over all but the last."""
    from scipy.special import bdtr, bdtrc

    places = np.arange(1, counts.shape[1]) / counts.shape[1]
    # every probability once, then looked up: rows share them
    possible = np.arange(draws + 1)[:, None]
    below, above = bdtr(possible, draws, places), bdtrc(possible - 1, draws, places)
    tails = np.minimum(1.0, 2 * np.minimum(below, above))
    found: NDArray[np.float64] = tails[counts.cumsum(1)[:, :-1], np.arange(len(places))].min(1)
    return found
