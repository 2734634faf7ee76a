"""`Witness`: sees the guided prediction on its way from a guidance rule to the kernel."""

from typing import final

from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel, MultistepKernel, Past
from invsolve.schedule import NoiseLevel


@final
class Witness(Kernel):
    """A kernel for one step that keeps the prediction it was given, and gives a multistep kernel its past.

    It lives inside one step of a sampler, which reads `prediction` afterwards: None if the rule never called it.
    """

    def __init__(self, kernel: Kernel, past: Past | None = None) -> None:
        self.kernel = kernel
        self.past = past
        self.prediction: Prediction | None = None

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """The kernel's own step."""
        self.prediction = prediction
        if self.past is not None and isinstance(self.kernel, MultistepKernel):
            return self.kernel.step_after(self.past, z, prediction, level, target, rng)
        return self.kernel.step(z, prediction, level, target, rng)
