"""`PiGDMGuidance`: the likelihood of the noisy latent, with one guessed variance."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.operator.norms import inner
from invsolve.problem import Problem, Requirement, Trace
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import instance, number


@final
@attrs.frozen
class PiGDMGuidance(Guidance):
    """Pseudo-inverse guidance: as if ``z0`` given ``z`` were ``N(z0(z), r2 I)``.

    ``g = J^T J_D^T A^T (r2 A A^T + std^2 I)^-1 (y - A(D(z0)))`` joins the prior's score, ``J = d z0 / d z``, with
    ``r2 = s^2 v / (s^2 + a^2 v)`` for a prior of variance ``v``. In a latent space ``r2`` is multiplied by the square
    of the decoder's gain, so that it is a variance in video units.

    Where the latent varies far more than that, ``g`` would overshoot, and more so at every step. Along ``g`` the
    squared residual that it is to lower, ``||y - A(D(z0))||^2`` with the second moments ``C = (s^2 / a) J`` of the
    denoiser itself, is a parabola, known without further work:

        t = w . r / (u . C u + std^2 w . w)    w = (r2 A A^T + std^2 I)^-1 r    u = J_D^T A^T w

    is its minimum. A trajectory with ``t < 1/2``, which ``g`` would leave worse than before, takes ``t g``.

    Cost of a step: one network call, one vector-Jacobian product through network and decoder, one `gram_solve`. Needs a
    linear operator and Gaussian noise.

    Known bias: exact when the prior's covariance is ``v I``; otherwise a bias remains at any number of steps.

    Attributes:
        prior_variance: ``v``, variance of one latent element, positive.
        bounded: whether ``t`` bounds the step; without it this is the published rule, affine in ``z`` and ``y`` for
            Gaussian priors, and may diverge.

    References:
        Song, Vahdat, Mardani and Kautz 2023, section 3, with the update that follows from the score; the paper adds the
        guidance vector with another weight. The bound by ``t`` is this package's; it is the first step of conjugate
        gradients for the system of `TMPDGuidance`, preconditioned by the one above.

    Examples:
        ```python
        Diffusion(guidance=PiGDMGuidance(prior_variance=1.0, bounded=True), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: pigdm, prior_variance: 1.0, bounded: true}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{song2023pseudoinverse,\n"
        "  title = {Pseudoinverse-Guided Diffusion Models for Inverse Problems},\n"
        "  author = {Song, Jiaming and Vahdat, Arash and Mardani, Morteza and Kautz, Jan},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2023}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    prior_variance: float = attrs.field(default=1.0, validator=number(above=0.0))
    bounded: bool = attrs.field(default=True, validator=instance(bool))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the guided prediction."""
        trace = problem.trace(z, level)
        score, _ = self.score(problem, trace, level, self.variance(problem, level))
        info = {"misfit": misfit(trace.residual), "gradient_norm": norms(score)}
        guided = trace.prediction.with_score(score, level)
        return Guided(kernel.step(z, guided, level, target, rng), guided, info)

    def score(self, problem: Problem, trace: Trace, level: NoiseLevel, variance: float) -> tuple[Tensor, Tensor]:
        """``g``, bounded, in the shape of ``z``, and ``w``, in that of the observation; `variance` is ``r2``."""
        operator, noise_variance = problem.linear, problem.noise_std**2
        w = operator.gram_solve(trace.residual, variance, noise_variance)
        u = trace.decoder.pull(operator.adjoint(w))
        score = trace.pull_denoiser(u)
        if self.bounded and level.a > 0:
            wanted = inner(w, trace.residual)
            curvature = level.s**2 / level.a * inner(u, score) + noise_variance * inner(w, w)
            score = torch.where(curvature > 2 * wanted, wanted / curvature, 1.0) * score
        return score, w

    def variance(self, problem: Problem, level: NoiseLevel) -> float:
        """``r2`` in video units."""
        s2, a2, v = level.s**2, level.a**2, self.prior_variance
        return s2 * v / (s2 + a2 * v) * problem.decoder_gain**2
