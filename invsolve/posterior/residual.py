"""The residual test: do the samples explain the observation, no better and no worse than its noise allows?"""

from typing import Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.noise import Noise

LEAST_SLACK: Final = 0.2
"""How far below 1 chi-square may lie whatever the number of values: samplers are approximations."""
MOST_SLACK: Final = 1.0
"""How far above 1."""
SIGMAS: Final = 5.0
"""Standard deviations of the truth's own chi-square that are allowed where there are few values."""
ROUNDING: Final = 16.0  # units in the last place of the largest value
DIVERGED: Final = 10.0  # root mean square of a residual that no video near [0, 1] can have

Observed = Float[Tensor, "b c t h w"]
"""An observation ``y``, or its mean ``A(x)``."""


def chi_square(observation: Observed, mean: Observed, noise: Noise) -> Float[Tensor, " b"]:
    """``mean(((y - A(x)) / std)^2)`` of each item over all values that are seen, ``std`` being the noise's at ``A(x)``.

    The truth has 1, up to ``sqrt(2 / n)`` for ``n`` seen values. Where both ``y`` and ``A(x)`` are 0, but for rounding,
    as at a pixel that a mask hides, there is neither light nor noise: those values are not counted.

    Args:
        observation: ``y``.
        mean: ``A(x)``, of the same shape.
    """
    squares = ((observation - mean) / noise.standard_deviation(mean)).square().flatten(1)
    seen = seen_values(observation, mean)
    # at a hidden value the noise may have no spread, and its square be no number
    return squares.where(seen, torch.zeros_like(squares)).sum(1) / seen.sum(1).clamp_min(1)


def seen_values(observation: Observed, mean: Observed) -> Bool[Tensor, "b n"]:
    """Where there is light: the values that `chi_square` counts."""
    # written so that NaN counts as seen
    return ~(_dark(observation) & _dark(mean)).flatten(1)


def _dark(values: Observed) -> Bool[Tensor, "b c t h w"]:
    """Where values are 0, but for what Fourier transforms leave of the largest of them."""
    sizes = values.abs()
    largest = sizes.flatten(1).amax(1).reshape(-1, 1, 1, 1, 1)
    return sizes <= ROUNDING * torch.finfo(values.dtype).eps * largest


def diverged(observation: Observed, mean: Observed) -> Bool[Tensor, " b"]:
    """True for each item whose residual ``y - A(x)`` is larger than any video near [0, 1] could make it, or NaN."""
    squares = (observation - mean).square().flatten(1).mean(1)
    scale = observation.square().flatten(1).mean(1).clamp_min(1.0)
    return ~(squares <= DIVERGED**2 * scale)


def bounds(count: int | None = None) -> tuple[float, float]:
    """The chi-square values that are called consistent, for a median over observations of `count` values.

    ``1 - max(0.2, 5 sqrt(2 / n))`` to ``1 + max(1, 5 sqrt(2 / n))``: where there are few values, chance moves it too.

    Args:
        count: ``n``; None for many.
    """
    chance = 0.0 if count is None else SIGMAS * (2 / max(1, count)) ** 0.5
    return 1 - max(LEAST_SLACK, chance), 1 + max(MOST_SLACK, chance)


LOW, HIGH = bounds()
"""Where there are many values."""


def consistent(values: Float[Tensor, "*axes"], count: int | None = None) -> bool:
    """True if the median of chi-square values lies within `bounds`: samples explain the observation, not its noise."""
    low, high = bounds(count)
    return low <= float(values.median()) <= high


def advice(values: Float[Tensor, "*axes"], count: int | None = None) -> tuple[str, ...]:
    """The meaning of chi-square values, in sentences; none where they are `consistent`, or not a number."""
    typical = float(values.median())
    low, high = bounds(count)
    over = "" if count is None else f" over {count:,} values"
    if typical > high:
        return (
            f"The samples miss the observation: chi-square {typical:.3g} per value{over}, where the stated noise "
            "allows about 1.",
            "Check that the operator and the noise std describe this observation; guidance may be too weak, or the "
            "steps too few.",
        )
    if typical < low:
        return (
            f"The samples fit the noise too: chi-square {typical:.3g} per value{over}, where the stated noise has "
            "about 1.",
            "The noise std may be stated too large, the operator may not be what happened to the observation, or "
            "guidance is too strong.",
        )
    return ()
