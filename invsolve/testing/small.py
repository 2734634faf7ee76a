"""A small problem with a closed form, on which the kit tries samplers."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.noise import GaussianNoise, Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.prior import Prior
from invsolve.problem import Problem
from invsolve.space import VideoSpace
from invsolve.testing.small_prior import SmallGaussian

SPACE: Final = VideoSpace(frames=4, height=2, width=1, channels=1)


@final
@attrs.frozen
class FrameMean(LinearOperator):
    """The mean of all `frames`: one blurred frame."""

    frames: int = 4

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c 1 h w"]:
        """``y = mean_t x``."""
        return x.mean(2, keepdim=True)

    def adjoint(self, y: Float[Tensor, "b c 1 h w"]) -> Float[Tensor, "b c t h w"]:
        """``x_t = y / frames``."""
        return y.expand(-1, -1, self.frames, -1, -1) / self.frames

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame; raises `SpaceError` for another number of frames."""
        if space.frames != self.frames:
            raise SpaceError(f"{self} takes {self.frames} frames, got {space.frames}.")
        return attrs.evolve(space, frames=1)


@final
@attrs.frozen
class SquaredMean(Operator):
    """``y = (mean_t x)^2``: not linear."""

    frames: int = 4

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c 1 h w"]:
        """``y = (mean_t x)^2``."""
        return x.mean(2, keepdim=True).square()

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame."""
        return attrs.evolve(space, frames=1)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`frames` frames."""
        return attrs.evolve(observed, frames=self.frames)


def small_problem(
    *,
    operator: Operator | None = None,
    prior: Prior | None = None,
    noise: Noise | None = None,
    dtype: torch.dtype = torch.float64,
) -> Problem:
    """Three observations that differ much in size, so that batch-mates would be felt; parts can be exchanged."""
    operator = operator or FrameMean()
    c, t, h, w = operator.output_space(SPACE).shape
    sizes = torch.tensor([0.6, 0.1, 0.95], dtype=dtype).reshape(3, 1, 1, 1, 1)
    tilt = torch.linspace(0.9, 1.0, h, dtype=dtype).reshape(1, 1, 1, h, 1)
    return Problem(
        operator=operator,
        observation=(sizes * tilt).expand(3, c, t, h, w).contiguous(),
        prior=prior or SmallGaussian(),
        noise=noise or GaussianNoise(std=0.05),
    )
