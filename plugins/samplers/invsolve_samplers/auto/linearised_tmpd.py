"""`LinearisedTMPD`: the denoiser's second moments for any differentiable operator and any noise."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import whole
from invsolve_samplers.guidance.tmpd import TMPDGuidance


@final
@attrs.frozen
class LinearisedTMPD(Guidance):
    """`tmpd` with the operator linearised at the clean estimate, and the noise's variance there.

    ``g = J^T G^T (G C G^T + N)^-1 (y - A(D(z0)))`` joins the score, with ``C = (s^2 / a) J``, ``J = d z0 / d z``,
    ``G = J_A J_D`` and ``N`` the variance of the noise at ``A(D(z0))``. For a linear operator and Gaussian noise it is
    `tmpd`.

    Cost of a step: that of `tmpd`, and a product with ``J_A`` and its transpose for each iteration.

    Known bias: that of a straight line in place of the operator and the decoder, which is small where the noise is.

    Attributes:
        iterations: of conjugate gradients, at most.

    References:
        Boys et al. 2023, section 3, linearised as in an extended Kalman filter.
    """

    references: ClassVar[tuple[str, ...]] = TMPDGuidance.references

    iterations: int = attrs.field(default=20, validator=whole(least=1))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the guided prediction."""
        trace = problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        with torch.no_grad():
            noise_variance = problem.noise.standard_deviation(trace.mean).square()
        ratio = level.s**2 / level.a if level.a > 0 else 0.0

        def pull(measured: Tensor, *, again: bool) -> Tensor:
            return trace.pull(problem.transposed_jacobian(trace.video, measured), again=again)

        def covariance(measured: Tensor) -> Tensor:
            tangent = trace.push(pull(measured, again=True))
            with torch.no_grad():
                pushed: Tensor = torch.func.jvp(problem.operator.forward, (trace.video,), (tangent,))[1]
            return ratio * pushed + noise_variance * measured

        solved = conjugate_gradients(covariance, residual, iterations=self.iterations, strict=False)
        score = pull(solved, again=False)
        info = {"misfit": misfit(residual), "gradient_norm": norms(score)}
        guided = prediction.with_score(score, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, info)
