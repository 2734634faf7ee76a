"""`TMPDGuidance`: the likelihood of the noisy latent, with the denoiser's own second moments."""

from typing import ClassVar, Literal, final

import attrs
import torch
from torch import Tensor

from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal, whole

Mode = Literal["full", "row_sum"]


@final
@attrs.frozen
class TMPDGuidance(Guidance):
    """Tweedie moment projection: ``z0`` given ``z`` is ``N(z0(z), C)`` with ``C = (s^2 / a) J``, ``J = d z0 / d z``.

    ``g = J^T J_D^T A^T (A J_D C J_D^T A^T + std^2 I)^-1 (y - A(D(z0)))`` joins the prior's score. The system is
    solved by conjugate gradients: each iteration takes one vector-Jacobian product of the network (its Jacobian is
    symmetric for an exact denoiser, nearly so for a trained one), one of the decoder and one Jacobian-vector product of
    the decoder.

    Cost of a step: one network call; ``full``, one vector-Jacobian product for each iteration and one more. Needs a
    linear operator and Gaussian noise.

    Known bias: none for Gaussian priors beyond the kernel's; otherwise the conditional law is not Gaussian.

    Attributes:
        iterations: of conjugate gradients, at most; fewer if they converge to rounding. Stopping early follows the
            observation a little less closely and stays stable; as many as there are measurements are exact.
        mode: ``full`` as above; ``row_sum`` puts the diagonal matrix of the row sums of ``A J_D C J_D^T A^T`` in its
            place (negative sums count as 0), which takes two vector-Jacobian products in all and is right for a single
            measurement.

    References:
        Boys, Girolami, Pidstrigach, Reich, Mosca and Akyildiz 2023, section 3.

    Examples:
        ```python
        Diffusion(guidance=TMPDGuidance(iterations=5, mode="full"), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: tmpd, iterations: 5, mode: full}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{boys2023tweedie,\n"
        "  title = {Tweedie Moment Projected Diffusions for Inverse Problems},\n"
        "  author = {Boys, Benjamin and Girolami, Mark and Pidstrigach, Jakiw and Reich, Sebastian and Mosca, Alan "
        "and Akyildiz, O. Deniz},\n"
        "  journal = {arXiv:2310.06721},\n  year = {2023}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    iterations: int = attrs.field(default=5, validator=whole(least=1))
    mode: Mode = attrs.field(default="full", validator=literal(Mode))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the guided prediction."""
        trace = problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        operator, noise_variance = problem.linear, problem.noise_std**2
        ratio = level.s**2 / level.a if level.a > 0 else 0.0

        def covariance(measured: Tensor) -> Tensor:
            pulled = trace.pull(operator.adjoint(measured), again=True)
            return ratio * operator.forward(trace.push(pulled)) + noise_variance * measured

        if self.mode == "full":
            solved = conjugate_gradients(covariance, residual, iterations=self.iterations, strict=False)
        else:
            sums = covariance(torch.ones_like(residual)) - noise_variance
            solved = residual / (sums.clamp_min(0.0) + noise_variance)
        score = trace.pull(operator.adjoint(solved))
        info = {"misfit": misfit(residual), "gradient_norm": norms(score)}
        guided = prediction.with_score(score, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, info)
