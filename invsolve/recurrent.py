"""`RecurrentPrior`: a prior whose prediction depends on the one before; the sampler keeps its memory."""

import abc
from typing import final

import attrs
from torch import Tensor

from invsolve.prediction import Prediction
from invsolve.prior import Prior
from invsolve.problem import Problem
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.space import VideoSpace


class RecurrentPrior(Prior):
    """A prior that wants to be handed what it said at the step before, such as a running average.

    - ``recurs``: whether it does with its present fields; if not, it is like any other prior.

    A sampler that supports it predicts with `recalled`, keeps `Prediction.memory` in its state, and hands it back at
    the next step. `predict` without a memory raises `CapabilityError` where ``recurs``.
    """

    @property
    @abc.abstractmethod
    def recurs(self) -> bool:
        """Whether `predict_after` looks at the memory."""

    @abc.abstractmethod
    def predict_after(
        self, memory: Tensor | None, z: Tensor, level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The prediction given the memory of the step before, None at the first; it carries the next memory."""


def recalled(problem: Problem, memory: Tensor | None) -> Problem:
    """The problem, with the memory put into its prior if that is a recurrent one."""
    if isinstance(problem.prior, RecurrentPrior) and problem.prior.recurs:
        return attrs.evolve(problem, prior=Recalled(problem.prior, memory))
    return problem


@final
@attrs.frozen(eq=False)
class Recalled(Prior):
    """A recurrent prior for one step, with its memory."""

    prior: RecurrentPrior
    memory: Tensor | None

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only
        """The prior's."""
        return self.prior.schedule

    @property
    def decodes_frames_alone(self) -> bool:  # type: ignore[override]  # read-only
        """The prior's."""
        return self.prior.decodes_frames_alone

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The prior's."""
        return self.prior.latent_shape(space)

    def encode(self, video: Tensor) -> Tensor:
        """The prior's."""
        return self.prior.encode(video)

    def decode(self, z: Tensor) -> Tensor:
        """The prior's."""
        return self.prior.decode(z)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The prior's, after the memory."""
        return self.prior.predict_after(self.memory, z, level, condition)
