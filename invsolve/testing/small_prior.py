"""The kit's own priors: a small Gaussian with a closed form, and the same law without it."""

from typing import ClassVar, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.operator import LinearOperator
from invsolve.prior import Prior, TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.video.space import VideoSpace

BASE: Final = 0.5  # the video of a zero latent
GAIN: Final = 0.25  # video units per unit of latent


@final
@attrs.frozen
class SmallGaussian(TractablePrior):
    """Latents ``z0 ~ N(mu, C)`` with ``C = rho^|i - j|`` over frames, pixels apart; ``x = 0.5 + 0.25 z0``.

    Attributes:
        mean: ``mu``, the same everywhere.
        correlation: ``rho`` of neighbouring frames, in (-1, 1).
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


def _over_frames(matrix: Tensor, x: Tensor) -> Tensor:
    return torch.einsum("st,bcthw->bcshw", matrix, x)
