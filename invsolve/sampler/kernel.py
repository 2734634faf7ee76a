"""Abstract `Kernel`: how to go one noise level down, given a clean estimate."""

import abc
from typing import final

import attrs

from invsolve.parts import Part
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel
from invsolve.video.axes import Latent


class Kernel(Part):
    """The reverse transition ``p(z' | z, prediction)`` from `level` to the less noisy `target`."""

    @abc.abstractmethod
    def step(self, z: Latent, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Latent:
        """``z'`` at `target`; at the clean level (``s' = 0``) it is the clean estimate itself for most kernels.

        Args:
            z: ``b zc zt zh zw``, at `level`. Kernels that use it step from ``prediction.start(z)``.
            prediction: ``z0`` and ``eps`` in the shape of ``z``, guided by the observation.
            level: ``(a, s)`` with ``level.s > target.s >= 0``; ``level.a`` may be 0.
            target: ``(a, s)`` with ``level.s > target.s >= 0``; ``level.a`` may be 0.
            rng: the only source of random numbers, one stream for each trajectory.

        Raises:
            CapabilityError: for a prediction or for levels that lack what it needs.
        """


@final
@attrs.frozen(eq=False)
class Past:
    """A multistep kernel's memory of the step before: the clean estimate ``z0`` made at `level`.

    Attributes:
        z0: ``b zc zt zh zw``.
        level: the noise level before the present one.
    """

    z0: Latent
    level: NoiseLevel


class MultistepKernel(Kernel):
    """A kernel that also uses the clean estimate of the step before; its `step` is the first step, without a past.

    The sampler keeps the past, as part of its state, and hands the rule the kernel `after` it; a guidance rule calls
    `step` as ever and knows nothing of it.
    """

    @abc.abstractmethod
    def step_after(
        self,
        past: Past,
        z: Latent,
        prediction: Prediction,
        level: NoiseLevel,
        target: NoiseLevel,
        rng: Randomness,
    ) -> Latent:
        """``z'`` at `target`, with the step before known; all else as in `step`."""

    def after(self, past: Past) -> Kernel:
        """This kernel for the one step that follows `past`."""
        return KernelAfter(self, past)


@final
@attrs.frozen(eq=False)
class KernelAfter(Kernel):
    """A multistep kernel for one step, with its past.

    Attributes:
        kernel: which.
        past: the step before.
    """

    kernel: MultistepKernel
    past: Past

    def step(self, z: Latent, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Latent:
        """The kernel's `step_after`."""
        return self.kernel.step_after(self.past, z, prediction, level, target, rng)


class CorrectingKernel(Kernel):
    """A kernel that looks again from where its `step` arrived: two predictions a step, except at the clean end.

    The sampler asks the guidance for the second prediction and adds `correction` to what the first stage gave, so that
    rules that act after the kernel keep their part.
    """

    @abc.abstractmethod
    def correction(self, prediction: Prediction, arrived: Prediction, level: NoiseLevel, target: NoiseLevel) -> Latent:
        """The correction of ``z'``, in its shape, once the prediction made there is known.

        Args:
            prediction: the guided one at `level`, which `step` was given.
            arrived: the guided one at `target`, ``target.s > 0``.
        """
