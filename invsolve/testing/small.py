"""A small problem with a closed form, on which the kit tries samplers."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.noise import GaussianNoise, Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.operator.spectrum import Spectrum
from invsolve.prior import Prior
from invsolve.problem import Problem
from invsolve.testing.small_prior import SmallGaussian
from invsolve.video.space import VideoSpace

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
        return _frames(space, self.frames, 1, str(self))

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`frames` frames; raises `SpaceError` for an observation of several."""
        return _frames(observed, 1, self.frames, str(self))

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> "FrameMeanSpectrum":
        """One singular value, ``1 / sqrt(frames)``."""
        return FrameMeanSpectrum(self.frames, torch.tensor(self.frames**-0.5, dtype=dtype, device=device))


@final
@attrs.frozen(eq=False)
class FrameMeanSpectrum(Spectrum):
    """``s = 1 / sqrt(frames)``, ``V`` = one constant over the frames, ``U = I``."""

    frames: int
    values: Tensor

    @property
    def axes(self) -> frozenset[str]:
        """Time."""
        return frozenset("t")

    @property
    def singular_values(self) -> Tensor:
        """``1 / sqrt(frames)``."""
        return self.values

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``sum_t x / sqrt(frames)``."""
        return x.sum(2, keepdim=True) * self.values

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients / sqrt(frames)`` for every frame."""
        return (coefficients * self.values).expand(-1, -1, self.frames, -1, -1)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``y``."""
        return y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients``."""
        return coefficients

    def after(self, inner: Spectrum) -> None:
        """No closed form is known."""
        return


@final
@attrs.frozen
class SquaredMean(Operator):
    """``y = (mean_t x)^2``: not linear."""

    frames: int = 4

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c 1 h w"]:
        """``y = (mean_t x)^2``."""
        return x.mean(2, keepdim=True).square()

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame; raises `SpaceError` for another number of frames."""
        return _frames(space, self.frames, 1, str(self))

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`frames` frames; raises `SpaceError` for an observation of several."""
        return _frames(observed, 1, self.frames, str(self))


@final
@attrs.frozen
class EndFrames(LinearOperator):
    """The first and the last of `frames`: what lies between is to be found."""

    frames: int = 4

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c 2 h w"]:
        """``y = (x_0, x_last)``."""
        return x[:, :, [0, -1]]

    def adjoint(self, y: Float[Tensor, "b c 2 h w"]) -> Float[Tensor, "b c t h w"]:
        """The two frames in their places, 0 between them."""
        between = torch.zeros_like(y[:, :, :1]).expand(-1, -1, self.frames - 2, -1, -1)
        return torch.cat([y[:, :, :1], between, y[:, :, 1:]], dim=2)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """Two frames; raises `SpaceError` for another number of frames."""
        return _frames(space, self.frames, 2, str(self))

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`frames` frames; raises `SpaceError` for an observation of other than two."""
        return _frames(observed, 2, self.frames, str(self))


def _frames(space: VideoSpace, expected: int, becomes: int, who: str) -> VideoSpace:
    if space.frames != expected:
        raise SpaceError(f"{who} relates {expected} frames to {becomes}, got {space.frames}.")
    return attrs.evolve(space, frames=becomes)


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
