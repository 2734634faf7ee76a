"""`Blind`: an operator that sees nothing, under which the posterior is the prior."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class Blind(LinearOperator):
    """``A x = 0``, one value for each video.

    Attributes:
        space: of the videos.
    """

    space: VideoSpace

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b 1 1 1 1"]:
        """0."""
        return 0 * x[:, :1, :1, :1, :1]

    def adjoint(self, y: Float[Tensor, "b 1 1 1 1"]) -> Float[Tensor, "b c t h w"]:
        """0 everywhere."""
        return y.new_zeros(len(y), *self.space.shape)

    def pseudo_inverse(self, y: Float[Tensor, "b 1 1 1 1"]) -> Float[Tensor, "b c t h w"]:
        """0 everywhere."""
        return self.adjoint(y)
