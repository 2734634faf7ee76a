"""`DiffPIRGuidance`: a proximal step on the clean estimate."""

import math
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number, whole


@final
@attrs.frozen
class DiffPIRGuidance(Guidance):
    """``x0' = argmin_u ||y - A u||^2 / (2 std^2) + ||u - x0||^2 / (2 r2)``, the noise estimate moved along.

    Plain: ``r2 = (s / a)^2 / weight``. Prior-aware: ``r2 = s^2 v / (s^2 + a^2 v)`` for a prior of variance ``v``, the
    variance of ``z0`` given ``z``; that is, ``weight = 1 + (s / a)^2 / v``. In a latent space the step is taken on the
    decoded video, with ``r2`` times the square of the decoder's gain, and encoded again.

    For an operator that is not linear, a few steps of gradient descent on the same objective stand in, from
    ``u = x0``: ``u - (w (u - x0) - J_A^T (y - A(u))) / (w + slope^2)`` with ``w = std^2 / r2``.

    Cost of a step: one network call and one proximal step, without a gradient through the network; with a latent prior
    one decoding and one encoding. Needs Gaussian noise.

    Known bias: plain, exact only for an infinitely wide prior, the range of ``A^T`` alone is corrected; prior-aware,
    exact for covariance ``v I``. With the `renoise` kernel (the paper's zeta is its fraction squared) its tempering
    comes on top. The paper starts late, from the noised ``A^+ y``: ``start`` of `Diffusion`.

    Attributes:
        weight: the paper's lambda, positive; larger trusts the prior more.
        prior_variance: ``v``, variance of one latent element, positive; None for the plain rule.
        descents: gradient steps for an operator that is not linear, at least 1.
        slope: a bound of ``||J_A||``, the steepest slope of an operator that is not linear, positive; 1 or less for an
            average of frames, times the steepest slope of a response. Descent may diverge with half the true one.

    References:
        Zhu et al. 2023, algorithm 1.

    Examples:
        ```python
        Diffusion(kernel=RenoiseKernel(fraction=0.5477), guidance=DiffPIRGuidance(weight=7.0), steps=100)
        ```

        ```yaml
        sampler:
          {use: diffusion, kernel: {use: renoise, fraction: 0.5477}, guidance: {use: diffpir, weight: 7.0}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{zhu2023denoising,\n"
        "  title = {Denoising Diffusion Models for Plug-and-Play Image Restoration},\n"
        "  author = {Zhu, Yuanzhi and Zhang, Kai and Liang, Jingyun and Cao, Jiezhang and Wen, Bihan and Timofte, Radu "
        "and Van Gool, Luc},\n"
        "  booktitle = {CVPR Workshops},\n  year = {2023}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.GAUSSIAN_NOISE})

    weight: float = attrs.field(default=1.0, validator=number(above=0.0))
    prior_variance: float | None = attrs.field(default=None, validator=attrs.validators.optional(number(above=0.0)))
    descents: int = attrs.field(default=1, validator=whole(least=1))
    slope: float = attrs.field(default=1.0, validator=number(above=0.0))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the proximal estimate."""
        prediction = problem.predict(z, level)
        video = problem.decode(prediction.z0)
        residual = problem.observation - problem.operator.forward(video)
        z0 = problem.encode(self._nearer(problem, level, video))
        guided = prediction.with_clean(z0, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, {"misfit": misfit(residual)})

    def _nearer(self, problem: Problem, level: NoiseLevel, video: Tensor) -> Tensor:
        variance = self.variance(level)
        in_video_units = math.inf if variance is None else variance * problem.decoder_gain**2
        if not isinstance(problem.operator, LinearOperator):
            return self._descend(problem, video, problem.noise_std**2 / in_video_units)
        if variance is None:
            return video + problem.pseudo_inverse(problem.observation - problem.linear.forward(video))
        return problem.linear.prox(video, problem.observation, in_video_units, problem.noise_std**2)

    def _descend(self, problem: Problem, video: Tensor, weight: float) -> Tensor:
        moved = video
        for _ in range(self.descents):
            with torch.no_grad():
                residual = problem.observation - problem.operator.forward(moved)
            pulled = problem.transposed_jacobian(moved, residual)
            moved = moved + (pulled - weight * (moved - video)) / (weight + self.slope**2)
        return moved

    def variance(self, level: NoiseLevel) -> float | None:
        """``r2`` of one latent element; None where it is infinite (``a = 0``), and the observation alone decides."""
        if self.prior_variance is not None:
            s2, a2 = level.s**2, level.a**2
            return s2 * self.prior_variance / (s2 + a2 * self.prior_variance)
        return (level.s / level.a) ** 2 / self.weight if level.a > 0 else None
