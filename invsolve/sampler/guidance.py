"""Abstract `Guidance`: how the observation enters a step."""

import abc
import math
from typing import ClassVar

from invsolve.operator.norms import lengths as lengths  # noqa: PLC0414 - rules import them from here
from invsolve.operator.norms import norms as norms  # noqa: PLC0414
from invsolve.parts import Part
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guided import Guided
from invsolve.sampler.guided import Info as Info  # noqa: PLC0414 - samplers import it from here
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.video.axes import Latent, Observation, PerTrajectory


class Guidance(Part):
    """A rule that corrects a denoising step by the observation; it calls the prior and the kernel itself.

    Attributes:
        requires: what the problem must offer; `solve` refuses others before any work.
    """

    requires: ClassVar[frozenset[Requirement]] = frozenset()

    @abc.abstractmethod
    def step(
        self, problem: Problem, kernel: Kernel, z: Latent, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """From `z` at `level` to ``z'`` at `target`.

        A rule asks `problem` for a prediction (``problem.predict(z, level)``, or ``problem.trace(z, level)`` where it
        takes gradients), corrects it by the observation, and lets `kernel` take the step with it.

        Every trajectory is corrected by itself: nothing is averaged or normalised over the batch.

        Args:
            problem: one row of the observation for each trajectory.
            z: ``b zc zt zh zw``.
            level: ``(a, s)`` before and after the step, ``target.s < level.s``; 0 at the end.
            target: ``(a, s)`` before and after the step, ``target.s < level.s``; 0 at the end.
            rng: the only source of random numbers, set to this step.

        Raises:
            CapabilityError: where the problem, the kernel or the levels lack what ``requires`` cannot name.
        """


def misfit(residual: Observation) -> PerTrajectory:
    """``sqrt(mean(r^2))`` of each trajectory, in units of the observation: what the trace calls ``misfit``."""
    return norms(residual) / math.sqrt(residual.numel() // residual.shape[0])
