"""A small problem with a closed form, on which the kit tries samplers."""

from typing import ClassVar, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.conditional import Conditional
from invsolve.errors import SpaceError
from invsolve.noise import GaussianNoise, Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.prediction import Prediction
from invsolve.prior import Prior, TractablePrior
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.space import VideoSpace

SPACE: Final = VideoSpace(frames=4, height=2, width=1, channels=1)
BASE: Final = 0.5  # the video of a zero latent
GAIN: Final = 0.25  # video units per unit of latent


@final
@attrs.frozen
class SmallGaussian(TractablePrior):
    """Latents ``z0 ~ N(mu, C)`` with ``C = rho^|i - j|`` over frames, pixels apart; ``x = 0.5 + 0.25 z0``.

    - ``mean``: ``mu``, the same everywhere.
    - ``correlation``: ``rho`` of neighbouring frames, in (-1, 1).
    """

    decodes_frames_alone: ClassVar[bool] = True

    mean: float = 0.3
    correlation: float = 0.9
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The video's own shape; raises `SpaceError` for videos that are not small."""
        if max(space.shape) > 64:
            raise SpaceError(f"this prior is for small videos, got c t h w = {space.shape}.")
        return space.shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``(x - 0.5) / 0.25``."""
        return (video - BASE) / GAIN

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``0.5 + 0.25 z``."""
        return BASE + GAIN * z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """``z0 = mu + a C (a^2 C + s^2 I)^-1 (z - a mu)`` and ``eps = s (a^2 C + s^2 I)^-1 (z - a mu)``."""
        covariance = self._covariance(z)
        noisy = level.a**2 * covariance + level.s**2 * torch.eye(z.shape[2], dtype=z.dtype, device=z.device)
        whitened = _over_frames(torch.linalg.inv(noisy), z - level.a * self.mean)
        return Prediction(self.mean + level.a * _over_frames(covariance, whitened), level.s * whitened)

    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Float[Tensor, "b c t h w"],
        noise_std: float,
    ) -> "NormalConditional":
        """The normal law ``p(z0 | z, y)`` by dense algebra over all elements."""
        shape = operator.input_space(VideoSpace.of(observation)).shape
        size = shape[0] * shape[1] * shape[2] * shape[3]
        basis = torch.eye(size, dtype=observation.dtype, device=observation.device).reshape(size, *shape)
        frames = self._covariance(basis)
        covariance = _over_frames(frames, basis).flatten(1)
        matrix = GAIN * operator.forward(basis).flatten(1).T
        precision = torch.linalg.inv(covariance) + matrix.T @ matrix / noise_std**2
        plain = operator.forward(torch.full((1, *shape), BASE).to(observation))
        pull = torch.linalg.solve(covariance, torch.full((size, 1), self.mean).to(observation)).T
        pull = pull + (observation - plain).flatten(1) @ matrix / noise_std**2
        if z is not None and level is not None:
            precision = precision + (level.a / level.s) ** 2 * torch.eye(size).to(precision)
            pull = pull + level.a / level.s**2 * z.flatten(1)
        spread = torch.linalg.inv(precision)
        return NormalConditional((pull @ spread).reshape(-1, *shape), torch.linalg.cholesky(spread))

    def _covariance(self, like: Tensor) -> Tensor:
        steps = torch.arange(like.shape[2], device=like.device)
        return (self.correlation ** (steps[:, None] - steps).abs().to(torch.float64)).to(like)


@final
@attrs.frozen
class OpaqueGaussian(Prior):
    """`SmallGaussian` without its closed-form conditional law: what a network is."""

    decodes_frames_alone: ClassVar[bool] = True

    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    @property
    def law(self) -> SmallGaussian:
        """The law itself."""
        return SmallGaussian(schedule=self.schedule)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The law's."""
        return self.law.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The law's."""
        return self.law.encode(video)

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The law's."""
        return self.law.decode(z)

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The law's."""
        return self.law.predict(z, level, condition)


@final
@attrs.frozen(eq=False)
class NormalConditional(Conditional):
    """``N(centre, root root^T)`` over flattened latents."""

    centre: Tensor
    root: Tensor

    @property
    def mean(self) -> Tensor:
        """The centre."""
        return self.centre

    @property
    def covariance(self) -> Tensor:
        """``d d``."""
        return self.root @ self.root.T

    def sample(self, rng: Randomness) -> Tensor:
        """``centre + root n``."""
        return self.centre + (rng.normal(self.centre).flatten(1) @ self.root.T).reshape(self.centre.shape)


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


def _over_frames(matrix: Tensor, x: Tensor) -> Tensor:
    return torch.einsum("st,bcthw->bcshw", matrix, x)
