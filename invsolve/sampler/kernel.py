"""Abstract `Kernel`: how to go one noise level down, given a clean estimate."""

import abc
from typing import final

import attrs
from torch import Tensor

from invsolve.parts import Part
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel


class Kernel(Part):
    """The reverse transition ``p(z' | z, prediction)`` from `level` to the less noisy `target`."""

    @abc.abstractmethod
    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``z'`` at `target`; at the clean level (``s' = 0``) it is the clean estimate itself for most kernels."""


@final
@attrs.frozen(eq=False)
class Past:
    """What a multistep kernel remembers of the step before: the clean estimate ``z0`` made at `level`."""

    z0: Tensor
    level: NoiseLevel


class MultistepKernel(Kernel):
    """A kernel that also uses the clean estimate of the step before; its `step` is the first step, without a past.

    The sampler keeps the past, as part of its state; a guidance rule calls `step` as ever and knows nothing of it.
    """

    @abc.abstractmethod
    def step_after(
        self,
        past: Past,
        z: Tensor,
        prediction: Prediction,
        level: NoiseLevel,
        target: NoiseLevel,
        rng: Randomness,
    ) -> Tensor:
        """``z'`` at `target`, with the step before known."""


class CorrectingKernel(Kernel):
    """A kernel that looks again from where its `step` arrived: two predictions a step, except at the clean end.

    The sampler asks the guidance for the second prediction and adds `correction` to what the first stage gave, so that
    rules that act after the kernel keep their part.
    """

    @abc.abstractmethod
    def correction(self, prediction: Prediction, arrived: Prediction, level: NoiseLevel, target: NoiseLevel) -> Tensor:
        """What to add to ``z'`` once the prediction made there, `arrived`, is known."""
