"""`LGDMCGuidance`: the likelihood of the noisy latent, by Monte Carlo."""

import math
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number, whole


@final
@attrs.frozen
class LGDMCGuidance(Guidance):
    """Loss-guided diffusion: ``p(y | z)`` averaged over draws of ``z0``, as if it were ``N(z0(z), r2 I)`` given ``z``.

    ``g = grad_z log (1/n) sum_i p(y | A(D(z0(z) + r xi_i)))`` joins the prior's score, ``xi_i`` standard normal, with
    ``r2 = s^2 v / (s^2 + a^2 v)`` for a prior of variance ``v``. It is the likelihoods that are averaged, not their
    logarithms: the average of the losses would give `dps` for a linear operator.

    Cost of a step: one network call and one vector-Jacobian product of it; for each draw two decodings and one
    vector-Jacobian product of the decoder. Needs only that the operator is differentiable; any noise.

    Known bias: as `pigdm` for many draws; with few draws in many dimensions one draw takes all the weight and the rule
    falls back to `dps` at a perturbed point.

    Attributes:
        draws: ``n``, at least 1.
        prior_variance: ``v``, variance of one latent element, positive.

    References:
        Song et al. 2023 (Loss-Guided Diffusion Models), section 3.

    Examples:
        ```python
        Diffusion(guidance=LGDMCGuidance(draws=10), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: lgd_mc, draws: 10}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{song2023loss,\n"
        "  title = {Loss-Guided Diffusion Models for Plug-and-Play Controllable Generation},\n"
        "  author = {Song, Jiaming and Zhang, Qinsheng and Yin, Hongxu and Mardani, Morteza and Liu, Ming-Yu and "
        "Kautz, Jan and Chen, Yongxin and Vahdat, Arash},\n"
        "  booktitle = {International Conference on Machine Learning},\n  year = {2023}\n}",
    )

    draws: int = attrs.field(default=10, validator=whole(least=1))
    prior_variance: float = attrs.field(default=1.0, validator=number(above=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the guided prediction."""
        s2, a2, v = level.s**2, level.a**2, self.prior_variance
        radius = math.sqrt(s2 * v / (s2 + a2 * v))
        noise = [rng.normal(z) for _ in range(self.draws)]
        trace = problem.trace(z, level)
        prediction = trace.prediction
        score = trace.pull_denoiser(self._latent_score(problem, prediction.likelihood_point, radius, noise))
        residual = problem.residual(prediction.likelihood_point)
        info = {"misfit": misfit(residual), "gradient_norm": norms(score)}
        guided = prediction.with_score(score, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, info)

    def _latent_score(self, problem: Problem, z0: Tensor, radius: float, noise: list[Tensor]) -> Tensor:
        """``grad_z0 log (1/n) sum_i p(y | A(D(z0 + r xi_i)))``: the draws' gradients by the draws' likelihoods."""
        points = [z0 + radius * xi for xi in noise]
        losses = [problem.noise.negative_log_likelihood(problem.observation, problem.forward(u)) for u in points]
        weights = torch.softmax(-torch.stack(losses), dim=0)
        total = torch.zeros_like(z0)
        for point, weight in zip(points, weights, strict=True):
            trace = problem.trace_decoder(point)
            gradient = trace.pull(problem.log_likelihood_gradient(trace.video))
            total = total + weight.reshape(-1, 1, 1, 1, 1) * gradient
        return total
