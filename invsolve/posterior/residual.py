"""The residual test: do the samples explain the observation, no better and no worse than its noise allows?"""

from typing import Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.noise import Noise

LOW, HIGH = 0.5, 2.0  # chi-square per value between which a sample is called consistent
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
    # written so that NaN counts as seen
    seen = ~(_dark(observation) & _dark(mean)).flatten(1)
    # at a hidden value the noise may have no spread, and its square be no number
    return squares.where(seen, torch.zeros_like(squares)).sum(1) / seen.sum(1).clamp_min(1)


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


def consistent(values: Float[Tensor, "*axes"]) -> bool:
    """True if the median of chi-square values lies in [0.5, 2]: samples explain the observation, not its noise."""
    return LOW <= float(values.median()) <= HIGH


def advice(values: Float[Tensor, "*axes"]) -> tuple[str, ...]:
    """The meaning of chi-square values, in sentences; none where they are `consistent`, or not a number."""
    typical = float(values.median())
    if typical > HIGH:
        return (
            f"The samples miss the observation: chi-square {typical:.3g} per value, where the stated noise allows "
            "about 1.",
            "Check that the operator and the noise std describe this observation; guidance may be too weak, or the "
            "steps too few.",
        )
    if typical < LOW:
        return (
            f"The samples fit the noise too: chi-square {typical:.3g} per value, where the stated noise has about 1.",
            "The noise std may be stated too large, or guidance is too strong.",
        )
    return ()
