"""`GMLDPSGuidance`: latent DPS that stays where encoding and decoding agree."""

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
from invsolve_samplers.guidance.latent import encoder_pull_back
from invsolve_samplers.guidance.psld import PSLDGuidance


@final
@attrs.frozen
class GMLDPSGuidance(Guidance):
    """``z' - grad_z (scale ||y - A(D(z0))|| + gluing ||z0 - E(D(z0))||)``, ``z0 = z0(z)``.

    The second term pulls the clean latent towards fixed points of decoding and encoding; where ``E(D(z)) = z`` it
    vanishes and this is `dps` with convention ``unsquared``.

    Cost of a step: one network call and one vector-Jacobian product of it, two decodings, one encoding with its
    vector-Jacobian product, one of the decoder. Needs a differentiable operator and encoder.

    Known bias: that of `dps`.

    Attributes:
        scale: of the residual's norm, positive.
        gluing: of the second term, at least 0.

    References:
        Rout et al. 2023, section 3.1, with norms as in the authors' code.

    Examples:
        ```python
        Diffusion(kernel=DDIMKernel(), guidance=GMLDPSGuidance(scale=1.0, gluing=0.1), steps=1000)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: ddim}, guidance: {use: gml_dps, scale: 1.0, gluing: 0.1}, steps: 1000}
        ```
    """

    references: ClassVar[tuple[str, ...]] = PSLDGuidance.references

    scale: float = attrs.field(default=1.0, validator=number(above=0.0))
    gluing: float = attrs.field(default=0.1, validator=number(least=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step and the gradient step."""
        trace = problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        pulled, direction = encoder_pull_back(problem, trace.video, prediction.likelihood_point)
        fidelity = problem.transposed_jacobian(trace.video, unit(residual))
        cotangent = -self.scale * fidelity - self.gluing * pulled
        gradient = trace.pull_denoiser(trace.decoder.pull(cotangent) + self.gluing * direction)
        info = {"misfit": misfit(residual), "gradient_norm": norms(gradient)}
        return Guided(kernel.step(z, prediction, level, target, rng) - gradient, prediction, info)
