"""`seen_values`: the values of a video of which an observation tells anything."""

from typing import Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.operator.operator import LinearOperator, Operator
from invsolve.operator.pull_back import pull_back
from invsolve.video.space import VideoSpace

ROUNDING: Final = 1e-5
"""Of the largest value: what Fourier transforms leave where there is nothing."""
DRAWS: Final = 3
"""Of which one alone may come out near 0 by chance."""


def seen_values(operator: Operator, observation: Float[Tensor, "b c t h w"]) -> Bool[Tensor, "c2 t2 h2 w2"] | None:
    """True for each value of the video on which an operator's `observation` depends; None where nothing is known of it.

    These are the values that the transpose reaches from random numbers, which are 0 elsewhere but for rounding. Of an
    operator that is not linear it is the transpose of the derivative, at random videos between 0.2 and 0.8; one without
    a derivative there, such as rounding, tells nothing.
    """
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randn((DRAWS, *observation.shape[1:]), generator=generator).to(observation)
    if isinstance(operator, LinearOperator):
        with torch.no_grad():
            reached = operator.adjoint(numbers).abs().amax(0)
    else:
        space = operator.input_space(VideoSpace.of(observation))
        reached = torch.zeros(space.shape).to(observation)
        for cotangent in torch.split(numbers, 1):
            video = 0.2 + 0.6 * torch.rand((1, *space.shape), generator=generator).to(observation)
            with torch.enable_grad():
                seen = operator.forward(video.requires_grad_())
            if not seen.requires_grad:
                return None
            reached = torch.maximum(reached, pull_back(seen, video, cotangent)[0].abs())
    return reached > ROUNDING * reached.max() if bool(reached.any()) else None
