"""`GaussNewtonGuidance`: fit the clean latent to the observation, through the decoder's Jacobian."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number, whole


@final
@attrs.frozen
class GaussNewtonGuidance(Guidance):
    """One Gauss-Newton step on the clean latent, as if ``z0`` given ``z`` were ``N(z0(z), r2 I)``.

    ``z0' = z0 + r2 G^T (r2 G G^T + N)^-1 (y - A(D(z0)))`` with the Jacobian ``G = J_A J_D`` of operator and decoder at
    ``z0`` and the noise's variance ``N`` at ``A(D(z0))``: the minimum of ``||y - A(D(u))||^2 / N + ||u - z0||^2 / r2``
    with ``A(D(u))`` linearised. ``r2 = max(least_variance, s^2 v / (s^2 + a^2 v))`` for a prior of variance ``v``.
    The noise estimate moves along. The system is solved by conjugate gradients over the observation.

    Cost of a step: one network call, without a gradient through it; for each iteration and once more, one
    vector-Jacobian product of the decoder, and for each iteration one Jacobian-vector product. Any differentiable
    operator and any noise; both may be nonlinear, one step is taken.

    Known bias: exact when the prior's covariance is ``v I`` and operator and decoder are affine; otherwise uncertainty
    is spread evenly over the latent, where `tmpd` asks the network for it.

    Attributes:
        iterations: of conjugate gradients, at most; fewer follow the observation a little less closely.
        prior_variance: ``v``, variance of one latent element, positive.
        least_variance: of one latent element, at least 0: what network and autoencoder leave open even where there is
            no noise. Above 0 the last steps still fit the observation, which an autoencoder alone does not reproduce to
            its noise.

    References:
        The step is that of Gauss and Newton, damped as by Levenberg 1944; taken at every noise level it is the proximal
        step of Zhu et al. 2023 (DiffPIR) in the latent space, where that has no closed form.

    Examples:
        ```python
        Diffusion(guidance=GaussNewtonGuidance(iterations=3, prior_variance=1.0, least_variance=0.0), steps=25)
        ```

        ```yaml
        sampler:
          use: diffusion
          guidance: {use: gauss_newton, iterations: 3, prior_variance: 1.0, least_variance: 0.0}
          steps: 25
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{levenberg1944method,\n"
        "  title = {A Method for the Solution of Certain Non-Linear Problems in Least Squares},\n"
        "  author = {Levenberg, Kenneth},\n  journal = {Quarterly of Applied Mathematics},\n  volume = {2},\n"
        "  pages = {164--168},\n  year = {1944}\n}",
        "@inproceedings{zhu2023denoising,\n"
        "  title = {Denoising Diffusion Models for Plug-and-Play Image Restoration},\n"
        "  author = {Zhu, Yuanzhi and Zhang, Kai and Liang, Jingyun and Cao, Jiezhang and Wen, Bihan and Timofte, Radu "
        "and Van Gool, Luc},\n"
        "  booktitle = {CVPR Workshops},\n  year = {2023}\n}",
    )

    iterations: int = attrs.field(default=3, validator=whole(least=1))
    prior_variance: float = attrs.field(default=1.0, validator=number(above=0.0))
    least_variance: float = attrs.field(default=0.0, validator=number(least=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the fitted estimate."""
        prediction = problem.predict(z, level)
        z0, variance = prediction.z0, self.variance(level)
        trace = problem.trace_decoder(z0)
        residual = trace.residual
        with torch.no_grad():
            noise_variance = problem.noise.standard_deviation(trace.mean).square()

        def pull(measured: Tensor) -> Tensor:
            return trace.pull(problem.transposed_jacobian(trace.video, measured), again=True)

        def covariance(measured: Tensor) -> Tensor:
            tangent = trace.push(pull(measured))
            return variance * _pushed(problem, trace.video, tangent) + noise_variance * measured

        solved = conjugate_gradients(covariance, residual, iterations=self.iterations, strict=False)
        correction = variance * pull(solved)
        info = {"misfit": misfit(residual), "correction_norm": norms(correction)}
        guided = prediction.with_clean(z0 + correction, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, info)

    def variance(self, level: NoiseLevel) -> float:
        """``r2`` of one latent element."""
        s2, a2, v = level.s**2, level.a**2, self.prior_variance
        return max(self.least_variance, s2 * v / (s2 + a2 * v))


def _pushed(problem: Problem, video: Tensor, tangent: Tensor) -> Tensor:
    """``J_A tangent`` at `video`."""
    with torch.no_grad():
        if isinstance(problem.operator, LinearOperator):
            return problem.operator.forward(tangent)
        pushed: Tensor = torch.func.jvp(problem.operator.forward, (video,), (tangent,))[1]
        return pushed
