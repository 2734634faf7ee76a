"""Coverage: how often intervals of the samples hold the truth, and how sure that number is."""

import math
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.validators import shown


@final
@attrs.frozen
class Coverage:
    """The share of the truth's values inside central intervals of the samples.

    Attributes:
        observed: the part found, in [0, 1].
        nominal: what samples of the right posterior would have on average.
        error: the standard error of ``observed`` if they were; NaN for fewer than 3 samples.
    """

    observed: float
    nominal: float
    error: float


def coverage(samples: Float[Tensor, "s b c t h w"], truth: Float[Tensor, "..."], level: float = 0.9) -> Coverage:
    """The coverage of the central interval whose nominal coverage is nearest to `level`.

    With ``K`` samples the interval from the ``j``-th smallest to the ``j``-th largest holds one more draw of the same
    law with probability ``(K + 1 - 2 j) / (K + 1)`` exactly, whatever the law; quantiles of few samples hold less.

    The values of a video are not independent, so that the error is not that of a proportion: each sample in turn plays
    the truth among the others, which is just as likely to be it, and the spread of what they cover is the error.

    Raises:
        ComponentError: for fewer than two samples or a level outside (0, 1).
        SpaceError: for a truth of another shape than a sample.
    """
    count = len(samples)
    if count < 2:
        raise ComponentError(f"an interval needs at least 2 samples, got {count}; raise the recipe's `samples`.")
    if not 0 < level < 1:
        raise ComponentError(f"the level of an interval lies between 0 and 1, got {shown(level)}.")
    if truth.shape != samples.shape[1:]:
        raise SpaceError(f"the truth has shape {tuple(truth.shape)}, one sample has {tuple(samples.shape[1:])}.")
    left_out = min(max(1, round((count + 1) * (1 - level) / 2)), count // 2)
    found, variances = [], []
    for own, true in zip(samples.transpose(0, 1), truth, strict=True):
        ordered, order = own.sort(0)
        inside = (ordered[left_out - 1] <= true) & (true <= ordered[count - left_out])
        found.append(float(inside.double().mean()))
        variances.append(_variance(order, left_out))
    error = math.sqrt(sum(variances)) / len(found)
    return Coverage(sum(found) / len(found), (count + 1 - 2 * left_out) / (count + 1), error)


def _variance(order: Tensor, left_out: int) -> float:
    """Of the part that the others' interval covers of a sample, over samples; `order` sorts them."""
    count = len(order)
    if count < 3:
        return math.nan
    # a sample lies in the others' interval where at least `left_out` are below it and as many above
    inner = order[left_out : count - left_out].flatten()
    covered = torch.bincount(inner, minlength=count).double() / order[0].numel()
    return float(covered.var())
