"""`NoGuidance`: the prior alone."""

from typing import final

import attrs
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class NoGuidance(Guidance):
    """The observation does not enter: samples of the prior, the baseline of every rule.

    Cost of a step: one network call, and one decoding to record the misfit. Needs nothing of the operator.

    Examples:
        ```python
        Diffusion(guidance=NoGuidance())
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: none}}
        ```
    """

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """A step of the kernel with the prior's own prediction."""
        prediction = problem.predict(z, level)
        info = {"misfit": misfit(problem.residual(prediction.z0))}
        return Guided(kernel.step(z, prediction, level, target, rng), prediction, info)
