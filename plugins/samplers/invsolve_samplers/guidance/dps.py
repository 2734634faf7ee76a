"""`DPSGuidance`: descend the squared residual of the clean estimate."""

import math
from typing import ClassVar, Literal, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal, number

StepRule = Literal["paper", "unsquared", "squared", "score", "bayes"]


@final
@attrs.frozen
class DPSGuidance(Guidance):
    """Diffusion posterior sampling: a step of the prior, then a gradient step on ``||r||^2``, ``r = y - A(D(z0(z)))``.

    With ``G = grad_z ||r||^2`` through decoder and denoiser, and norms of each trajectory on its own:

    - ``paper``: ``z' - (scale / ||r||) G``, the paper's ``zeta_t = scale / ||r||``.
    - ``unsquared``: ``z' - scale grad_z ||r|| = z' - (scale / (2 ||r||)) G``, as in the authors' code: its scale 0.6
      is the paper's 0.3.
    - ``squared``: ``z' - scale G``.
    - ``score``: the score ``-scale grad_z ||r||`` joins the prior's; this is deepinv's ``weight``. With the DDPM kernel
      it is ``unsquared`` with ``scale beta / sqrt(alpha)``, which varies from step to step.
    - ``bayes``: the score ``scale grad_z log p(y | A(D(z0(z))))`` joins the prior's, under the noise of the problem
      (Gaussian, Poisson, ...). With the DDPM kernel and Gaussian noise: ``z' - scale beta / (2 std^2 sqrt(alpha)) G``.

    Cost of a step: one network call and one vector-Jacobian product through network and decoder. Needs only that the
    operator is differentiable.

    Known bias: the covariance of ``z0`` given ``z`` is left out, so the data count too much at high noise and the
    posterior comes out too narrow; only ``bayes`` knows the noise std at all, the others hover at a residual of about
    the step length. ``bayes`` diverges where ``beta ||A||^2 / std^2`` exceeds about 2 late in the run.

    Attributes:
        scale: positive, in the units of its ``convention``.
        convention: one of the five above.

    References:
        Chung, Kim, McCann, Klasky and Ye 2023, algorithm 1; ``bayes`` is their eq. 16 with the likelihood's own factor.

    Examples:
        ```python
        Diffusion(guidance=DPSGuidance(scale=1.0, convention="paper"), steps=1000)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: dps, scale: 1.0, convention: paper}, steps: 1000}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{chung2023diffusion,\n"
        "  title = {Diffusion Posterior Sampling for General Noisy Inverse Problems},\n"
        "  author = {Chung, Hyungjin and Kim, Jeongsol and McCann, Michael T. and Klasky, Marc L. and Ye, Jong Chul},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2023}\n}",
    )

    scale: float = attrs.field(default=1.0, validator=number(above=0.0))
    convention: StepRule = attrs.field(default="paper", validator=literal(StepRule))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step, then the gradient step; for ``bayes`` the kernel's step with the guided prediction."""
        trace = problem.trace(z, level)
        if self.convention == "bayes":
            gradient = trace.pull(problem.log_likelihood_gradient(trace.video))
            guided = trace.prediction.with_score(self.scale * gradient, level)
            info = {"misfit": misfit(trace.residual), "gradient_norm": norms(gradient)}
            return Guided(kernel.step(z, guided, level, target, rng), guided, info)
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        length = norms(residual)
        size = self._step_size(length)
        info = {"misfit": length / math.sqrt(residual.numel() // len(residual)), "gradient_norm": norms(gradient)}
        info["step_size"] = size
        size = size.reshape(-1, *[1] * (z.ndim - 1))
        if self.convention == "score":
            guided = prediction.with_score(-size * gradient, level)
            return Guided(kernel.step(z, guided, level, target, rng), guided, info)
        arrived = kernel.step(z, prediction, level, target, rng)
        return Guided(torch.addcmul(arrived, size, gradient, value=-1), prediction, info)

    def _step_size(self, length: Tensor) -> Tensor:
        if self.convention == "squared":
            return torch.full_like(length, self.scale)
        positive = length.clamp_min(torch.finfo(length.dtype).tiny)
        return positive.reciprocal() * (self.scale if self.convention == "paper" else self.scale / 2)
