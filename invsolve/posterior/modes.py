"""Modes: which of several different explanations each sample is one of."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from invsolve.posterior.gram import gram
from invsolve.posterior.time_direction import odd_part, opposed

DIRECTIONS: Final = 3
LEAST: Final = 4
NULL_DRAWS: Final = 4000
SIGNIFICANCE: Final = 0.01

Array = NDArray[np.float64]


@final
@attrs.frozen
class Mode:
    """Samples that are alike.

    Attributes:
        members: their sample numbers.
        weight: their part of all samples.
        representative: the number of the one nearest to their mean.
        spread: the root mean square distance of a value from its mean over members [0..1].
    """

    members: tuple[int, ...]
    weight: float
    representative: int
    spread: float


def modes(
    samples: Float[Tensor, "s c t h w"],
    numbers: Sequence[int] | None = None,
    *,
    reversible: bool = False,
    significance: float = SIGNIFICANCE,
) -> tuple[Mode, ...]:
    """Split samples as long as they are clearly several groups; the largest group comes first.

    A group is projected on each of its three leading principal components. The best cut of the ``n`` projections in two
    leaves a part of their variance within the halves; for ``n`` normal numbers that part has a known law, and where
    it is smaller than all but `significance` of that law (divided among the components), the group is cut there, and
    its halves are looked at in turn. Nothing else is to be chosen: not the number of modes, nor a distance.

    The first components, unlike the direction that separates two halves best, are not chosen for how they separate, so
    that the test stands however many values a video has. It is careful: modes that lie closer together than they are
    wide stay one, a mode of one or two samples has to lie far from the others, and fewer than 4 are never split.

    Args:
        numbers: what to call the samples; ``0 .. s - 1`` by default.
        reversible: a sample and its reverse in time are the same: each group is first turned to one direction.
        significance: the chance of cutting a group that is one.

    References:
        Hamerly and Elkan 2003, section 3 (G-means: cut while projections are not normal), with the leading components
        for the line between centres, and with the cluster index of Liu, Hayes, Nobel and Marron 2008 for the
        Anderson-Darling statistic, so that a law with heavy tails, but one top, stays whole.
    """
    numbers = tuple(range(len(samples))) if numbers is None else tuple(numbers)
    odd = odd_part(samples)
    even = samples - odd if reversible else samples
    # distances are what matters: without their mean the products keep their digits; odd parts have no mean, but a sign
    kept, turning = gram(even - even.mean(0)).numpy(), gram(odd).numpy() if reversible else None
    waiting, found = [np.arange(len(samples))], []
    while waiting:
        group = waiting.pop()
        products = kept[np.ix_(group, group)]
        if turning is not None:
            among = turning[np.ix_(group, group)]
            signs = np.where(opposed(torch.from_numpy(among)).numpy(), -1.0, 1.0)
            products = products + signs[:, None] * among * signs
        products = products - products.mean(0) - products.mean(0)[:, None] + products.mean()
        halves = _cut(products, significance)
        if halves is None:
            found.append(_mode(group, products, numbers, samples[0].numel()))
        else:
            waiting += [group[halves], group[~halves]]
    return tuple(sorted(found, key=lambda mode: (-mode.weight, mode.members)))


def _mode(group: NDArray[np.int64], products: Array, numbers: tuple[int, ...], size: int) -> Mode:
    distances = products.diagonal().clip(0)
    return Mode(
        members=tuple(sorted(numbers[i] for i in group)),
        weight=len(group) / len(numbers),
        representative=numbers[group[int(distances.argmin())]],
        spread=math.sqrt(float(distances.mean()) / size),
    )


def _cut(products: Array, significance: float) -> NDArray[np.bool_] | None:
    """The part of a group on one side, or None if it is one group; `products` are those of the centred samples."""
    if len(products) < LEAST:
        return None
    values, vectors = np.linalg.eigh(products)
    scores = vectors[:, ::-1][:, : min(DIRECTIONS, len(products) - 1)].T
    scores = scores[values[::-1][: len(scores)] > 1e-12 * max(1e-300, products.trace())]
    if not len(scores):
        return None
    within, cuts = _best_cuts(scores)
    null = _null(len(products))
    chances = (1 + np.searchsorted(null, within, side="right")) / (1 + len(null))
    best = int(chances.argmin())
    if chances[best] * len(scores) > significance:
        return None
    halves: NDArray[np.bool_] = scores[best] > cuts[best]
    return halves


def _best_cuts(scores: Array) -> tuple[Array, Array]:
    """For each row, the least part of its variance within the halves of a cut, and the value to cut at."""
    ordered = np.sort(scores, axis=1)
    n = ordered.shape[1]
    ordered = ordered - ordered.mean(1, keepdims=True)
    left = ordered.cumsum(1)[:, :-1]
    sizes = np.arange(1, n)
    between = left**2 * n / (sizes * (n - sizes))
    best = between.argmax(1)[:, None]
    within = 1 - np.take_along_axis(between, best, 1) / (ordered**2).sum(1, keepdims=True)
    middle = (np.take_along_axis(ordered, best, 1) + np.take_along_axis(ordered, best + 1, 1)) / 2
    return within[:, 0], middle[:, 0] + scores.mean(1)


@lru_cache(maxsize=256)
def _null(n: int) -> Array:
    """The part of variance within, for `NULL_DRAWS` draws of `n` normal numbers, sorted: always the same."""
    draws = np.random.default_rng(0).standard_normal((NULL_DRAWS, n))
    return np.sort(_best_cuts(draws)[0])
