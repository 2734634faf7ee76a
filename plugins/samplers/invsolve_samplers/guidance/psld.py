"""`PSLDGuidance`: latent DPS with a term for what the decoder cannot express."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.operator.norms import unit
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number
from invsolve_samplers.guidance.latent import encoder_pull_back


@final
@attrs.frozen
class PSLDGuidance(Guidance):
    """``z' - grad_z (scale ||y - A D(z0)|| + gluing ||z0 - E(A^+ y + (I - A^+ A) D(z0))||)``, ``z0 = z0(z)``.

    The second term asks that the clean latent be the code of the video that agrees with the observation. The paper has
    ``A^T`` for ``A^+``, which presumes orthonormal rows; for an average of ``N`` frames that would be off by ``1 / N``.

    Cost of a step: one network call and one vector-Jacobian product of it, two decodings, one encoding with its
    vector-Jacobian product, one of the decoder. Needs a linear operator and a differentiable encoder.

    Known bias: that of `dps`.

    Attributes:
        scale: of the residual's norm, positive.
        gluing: of the second term, at least 0.

    References:
        Rout et al. 2023, algorithm 2, with norms as in the authors' code.

    Examples:
        ```python
        Diffusion(kernel=DDIMKernel(), guidance=PSLDGuidance(scale=1.0, gluing=0.1), steps=1000)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: ddim}, guidance: {use: psld, scale: 1.0, gluing: 0.1}, steps: 1000}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{rout2023solving,\n"
        "  title = {Solving Linear Inverse Problems Provably via Posterior Sampling with Latent Diffusion Models},\n"
        "  author = {Rout, Litu and Raoof, Negin and Daras, Giannis and Caramanis, Constantine and Dimakis, Alexandros "
        "G. and Shakkottai, Sanjay},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2023}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR})

    scale: float = attrs.field(default=1.0, validator=number(above=0.0))
    gluing: float = attrs.field(default=0.1, validator=number(least=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step and the gradient step."""
        operator, trace = problem.linear, problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        agreeing = trace.video + problem.pseudo_inverse(residual)
        pulled, direction = encoder_pull_back(problem, agreeing, prediction.likelihood_point)
        unseen = pulled - problem.pseudo_inverse(operator.forward(pulled))
        cotangent = -self.scale * operator.adjoint(unit(residual)) - self.gluing * unseen
        gradient = trace.pull_denoiser(trace.decoder.pull(cotangent) + self.gluing * direction)
        info = {"misfit": misfit(residual), "gradient_norm": norms(gradient)}
        return Guided(kernel.step(z, prediction, level, target, rng) - gradient, prediction, info)
