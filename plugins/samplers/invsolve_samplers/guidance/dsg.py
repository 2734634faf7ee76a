"""`DSGGuidance`: the largest step that stays on the sphere of the noise."""

import math
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.operator.norms import unit
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number
from invsolve_samplers.moves.transition import Bridge


@final
@attrs.frozen
class DSGGuidance(Guidance):
    """Spherical Gaussian guidance: replace part of the direction of the noise by the direction of steepest descent.

    With the ancestral mean ``m`` and std ``std`` of the step, ``n`` elements, ``R = sqrt(n) std`` and
    ``g = grad_z ||y - A(D(z0(z)))||^2``:

        d = std noise + rate (-R g / ||g|| - std noise)         z' = m + R d / ||d||

    so that ``||z' - m|| = R``, where nearly all the mass of the step's own law lies. It steps by
    itself: the kernel is not used.

    Cost of a step: one network call and one vector-Jacobian product through network and decoder. Needs only that the
    operator is differentiable.

    Known bias: the step length is a heuristic; no posterior is sampled.

    Attributes:
        rate: in [0, 1]; 0 ignores the observation, 1 ignores the noise.

    References:
        Yang, Ding, Cai, Yu, Wang and Shi 2024, algorithm 1.

    Examples:
        ```python
        Diffusion(guidance=DSGGuidance(rate=0.2), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: dsg, rate: 0.2}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{yang2024guidance,\n"
        "  title = {Guidance with Spherical Gaussian Constraint for Conditional Diffusion},\n"
        "  author = {Yang, Lingxiao and Ding, Shutong and Cai, Yifan and Yu, Jingyi and Wang, Jingya and Shi, Ye},\n"
        "  booktitle = {International Conference on Machine Learning},\n  year = {2024}\n}",
    )

    rate: float = attrs.field(default=0.2, validator=[number(least=0.0), number(most=1.0)])

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """A point of the sphere."""
        trace = problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        bridge = Bridge.between(level, target)
        norm = norms(gradient)
        info = {"misfit": misfit(residual), "gradient_norm": norm}
        mean = bridge.mean(prediction.z0, prediction.start(z))
        if bridge.std == 0:
            return Guided(mean, None, info)
        radius = math.sqrt(z[0].numel()) * bridge.std
        noise = bridge.std * rng.normal(z)
        mixed = noise + self.rate * (-radius * unit(gradient) - noise)
        return Guided(mean + radius * unit(mixed), None, info)
