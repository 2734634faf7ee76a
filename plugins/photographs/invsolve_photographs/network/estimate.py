"""`Estimate`: what the network sees in a photograph."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.motion.path import Path


@final
@attrs.frozen(eq=False)
class Estimate:
    """A sharp picture, its motion, and how uncertain both are.

    Attributes:
        sharp: the picture in the middle of the exposure, ``b 3 h w``.
        path: the motion of its points.
        sharp_spread: mean absolute error of ``sharp``, for each pixel, the same for all channels.
        end_spread: mean length of the error of the displacement at time 1, given its sign [pixels].
    """

    sharp: Float[Tensor, "b 3 h w"]
    path: Path
    sharp_spread: Float[Tensor, "b 1 h w"]
    end_spread: Float[Tensor, "b 1 h4 w4"]
