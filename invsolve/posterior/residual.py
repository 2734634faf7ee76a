"""The residual test: do the samples explain the observation, no better and no worse than its noise allows?"""

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.problem import Problem

LOW, HIGH = 0.5, 2.0  # chi-square per value between which a sample is called consistent
DIVERGED = 10.0  # root mean square of a residual that no video near [0, 1] can have


def chi_square(problem: Problem, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, " b"]:
    """``mean(((y - A(x)) / std)^2)`` of each video over all observed values, ``std`` being the noise's at ``A(x)``.

    The truth has 1, up to ``sqrt(2 / n)`` for ``n`` observed values.
    """
    with torch.no_grad():
        mean = problem.operator.forward(video)
        return ((problem.observation - mean) / problem.noise.standard_deviation(mean)).square().flatten(1).mean(1)


def diverged(problem: Problem, video: Float[Tensor, "b c t h w"]) -> bool:
    """Whether a residual is larger than any video near [0, 1] could make it."""
    with torch.no_grad():
        squares = (problem.observation - problem.operator.forward(video)).square().flatten(1).mean(1)
    scale = problem.observation.square().flatten(1).mean(1).clamp_min(1.0)
    return not bool((squares <= DIVERGED**2 * scale).all())


def advice(values: Tensor) -> str:
    """What the chi-square values tell a user; empty where they are as they should be."""
    typical = float(values.median())
    if typical > HIGH:
        return (
            f"; but the samples miss the observation: chi-square {typical:.3g} per value, where the stated noise "
            "allows about 1. Check that the operator and the noise std describe this observation; guidance may be too "
            "weak, or the steps too few"
        )
    if typical < LOW:
        return (
            f"; but the samples fit the noise too: chi-square {typical:.3g} per value, where the stated noise has "
            "about 1. The noise std may be stated too large, or guidance is too strong"
        )
    return ""
