"""`seen_values`: the values of a video of which an observation tells anything."""

from typing import Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.operator.operator import LinearOperator, Operator

ROUNDING: Final = 1e-5
"""Of the largest value: what Fourier transforms leave where there is nothing."""
DRAWS: Final = 3
"""Of which one alone may come out near 0 by chance."""


def seen_values(operator: Operator, observation: Float[Tensor, "b c t h w"]) -> Bool[Tensor, "c2 t2 h2 w2"] | None:
    """True for each value of the video on which a linear operator's `observation` depends; None for other operators.

    These are the values that the transpose reaches from random numbers, which are 0 elsewhere but for rounding.
    """
    if not isinstance(operator, LinearOperator):
        return None
    shape = (DRAWS, *observation.shape[1:])
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(observation)
    with torch.no_grad():
        reached = operator.adjoint(numbers).abs().amax(0)
    return reached > ROUNDING * reached.max()
