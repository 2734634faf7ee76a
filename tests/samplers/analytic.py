"""A Gaussian prior written for tests: any schedule, an affine decoder, every output parameterisation, counted calls."""

from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve import DiscreteSchedule, GaussianNoise, NoiseLevel, Prediction, Prior, Problem, Schedule, VideoSpace
from invsolve_operators import TemporalAverage
from tests.samplers.gaussian_oracle import Array, Oracle


@final
@attrs.frozen(eq=False)
class AnalyticPrior(Prior):
    """`z0 ~ N(mu, C)` over the elements of a latent `1 n 1 1`; `decode(z) = B z + c` with `m` frames."""

    mu: Array
    C: Array
    B: Array
    c: Array
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)
    output: str = "clean"
    encoder: Array = attrs.field(default=attrs.Factory(lambda self: np.linalg.pinv(self.B), takes_self=True))
    calls: list[float] = attrs.field(factory=list)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        space.check_shape((1, len(self.c), 1, 1), "the analytic prior")
        return (1, len(self.mu), 1, 1)

    def encode(self, video: Tensor) -> Tensor:
        return self._linear(self.encoder, video - torch.as_tensor(self.c).reshape(1, 1, -1, 1, 1))

    def decode(self, z: Tensor) -> Tensor:
        return self._linear(self.B, z) + torch.as_tensor(self.c).reshape(1, 1, -1, 1, 1)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        self.calls.append(level.time)
        a, s = level.a, level.s
        inverse = np.linalg.inv(a * a * self.C + s * s * np.eye(len(self.mu)))
        centred = z - a * torch.as_tensor(self.mu).reshape(1, 1, -1, 1, 1)
        z0 = self._linear(a * self.C @ inverse, centred) + torch.as_tensor(self.mu).reshape(1, 1, -1, 1, 1)
        eps = self._linear(s * inverse, centred)
        match self.output:
            case "eps":
                return Prediction.from_eps(z, eps, level)
            case "v":
                return Prediction.from_v(z, a * eps - s * z0, level)
            case "flow":
                return Prediction.from_flow(z, eps - z0, level)
            case "score":
                return Prediction.from_score(z, -eps / s, level)
            case _:
                return Prediction.from_clean(z, z0, level)

    def _linear(self, matrix: Array, z: Tensor) -> Tensor:
        return torch.einsum("ij,bcjhw->bcihw", torch.as_tensor(matrix, dtype=z.dtype), z)


def pixel_prior(oracle: Oracle, schedule: Schedule | None = None, output: str = "clean") -> AnalyticPrior:
    n = len(oracle.mu)
    return AnalyticPrior(oracle.mu, oracle.C, np.eye(n), np.zeros(n), schedule or DiscreteSchedule(), output)


def column(values: Array) -> Tensor:
    """A vector of frames as a video `1 1 n 1 1`."""
    return torch.as_tensor(np.asarray(values, dtype=np.float64)).reshape(1, 1, -1, 1, 1)


def average_problem(prior: Prior, oracle: Oracle, count: int = 1) -> Problem:
    return Problem(
        operator=TemporalAverage(frames=oracle.A.shape[1]),
        observation=column(oracle.y).repeat(count, 1, 1, 1, 1),
        prior=prior,
        noise=GaussianNoise(std=oracle.sigma),
        space=VideoSpace(frames=oracle.A.shape[1], height=1, width=1, channels=1, transfer="linear"),
    )


@final
@attrs.frozen(eq=False)
class Levels(Schedule):
    """Given levels, for tests that choose their own."""

    pairs: tuple[tuple[float, float], ...]

    def at(self, time: float) -> NoiseLevel:
        a, s = self.pairs[round(time)]
        return NoiseLevel(a, s, time)

    def levels(self, steps: int, spacing: str = "trailing") -> tuple[NoiseLevel, ...]:
        assert steps == len(self.pairs) - 1
        return tuple(self.at(float(i)) for i in range(len(self.pairs)))
