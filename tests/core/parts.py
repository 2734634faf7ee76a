"""Small components that the core's tests compose; no plugin is needed for them."""

from typing import final

import attrs
import torch
from torch import Tensor

import invsolve as iv
from invsolve.sampler.guidance import Info, misfit


@final
@attrs.frozen
class StandardNormal(iv.Prior):
    """``z0 ~ N(0, I)``: the clean estimate of ``z = a z0 + s eps`` is ``a z / (a^2 + s^2)``; ``x = gain z0``."""

    gain: float = 1.0
    schedule: iv.Schedule = iv.DiscreteSchedule()

    def latent_shape(self, space: iv.VideoSpace) -> tuple[int, int, int, int]:
        return space.shape

    def encode(self, video: Tensor) -> Tensor:
        return video / self.gain

    def decode(self, z: Tensor) -> Tensor:
        return self.gain * z

    def predict(self, z: Tensor, level: iv.NoiseLevel, condition: Tensor | None = None) -> iv.Prediction:
        return iv.Prediction.from_clean(z, level.a / (level.a**2 + level.s**2) * z, level)


@final
@attrs.frozen
class FrameWise(iv.Prior):
    """As `StandardNormal`, with a non-linear decoder that treats each frame alone, and counts the frames at a time."""

    decodes_frames_alone = True
    schedule: iv.Schedule = iv.DiscreteSchedule()
    seen: list[int] = attrs.field(factory=list, eq=False, repr=False)

    def latent_shape(self, space: iv.VideoSpace) -> tuple[int, int, int, int]:
        return space.shape

    def encode(self, video: Tensor) -> Tensor:
        return torch.atanh(video)

    def decode(self, z: Tensor) -> Tensor:
        self.seen.append(z.shape[2])
        return torch.tanh(z + 0.1 * z.flip(-1) ** 2)

    def predict(self, z: Tensor, level: iv.NoiseLevel, condition: Tensor | None = None) -> iv.Prediction:
        return iv.Prediction.from_clean(z, level.a * torch.sin(z), level)


@final
@attrs.frozen
class Halve(iv.LinearOperator):
    """Sums of neighbouring pixel pairs along ``w``: a linear operator without a spectrum, for the iterative paths."""

    def forward(self, x: Tensor) -> Tensor:
        return x[..., 0::2] + 0.5 * x[..., 1::2]

    def adjoint(self, y: Tensor) -> Tensor:
        return torch.stack([y, 0.5 * y], dim=-1).flatten(-2)


@final
@attrs.frozen
class Square(iv.Operator):
    """``x^2``: not linear."""

    def forward(self, x: Tensor) -> Tensor:
        return x.square()


@final
@attrs.frozen
class Walk(iv.Sampler[Tensor]):
    """Ancestral steps with a small gradient of the misfit: enough of a sampler to test the loop."""

    steps: int = 6
    scale: float = 0.1
    explode_at: int = -1

    def init(self, problem: iv.Problem, rng: iv.Randomness) -> Tensor:
        return rng.normal(torch.empty(problem.count, *problem.latent_shape).to(problem.observation))

    def step(self, problem: iv.Problem, state: Tensor, i: int, rng: iv.Randomness) -> tuple[Tensor, Info]:
        levels = problem.prior.schedule.levels(self.steps)
        trace = problem.trace(state, levels[i])
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        target = levels[i + 1]
        z = target.a * prediction.z0 + target.s * rng.normal(state) - self.scale * gradient
        return (z / 0 if i == self.explode_at else z), {"misfit": misfit(residual)}

    def estimate(self, problem: iv.Problem, state: Tensor) -> Tensor:
        return state
