"""`DiffPIRGuidance`: a proximal step on the clean estimate."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.guidance import Guidance, Info, misfit
from invsolve.kernel import Kernel
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel
from invsolve.validators import number


@final
@attrs.frozen
class DiffPIRGuidance(Guidance):
    """``x0' = argmin_u ||y - A u||^2 / (2 std^2) + ||u - x0||^2 / (2 r2)``, the noise estimate moved along.

    Plain: ``r2 = (s / a)^2 / weight``. Prior-aware: ``r2 = s^2 v / (s^2 + a^2 v)`` for a prior of variance ``v``, the
    variance of ``z0`` given ``z``; that is, ``weight = 1 + (s / a)^2 / v``. In a latent space the step is taken on the
    decoded video, with ``r2`` times the square of the decoder's gain, and encoded again.

    - ``weight``: the paper's lambda, positive; larger trusts the prior more.
    - ``prior_variance``: ``v``, variance of one latent element, positive; None for the plain rule.

    Cost of a step: one network call and one proximal step, no gradient; with a latent prior one decoding and one
    encoding. Needs a linear operator and Gaussian noise.

    Known bias: plain, exact only for an infinitely wide prior, the range of ``A^T`` alone is corrected; prior-aware,
    exact for covariance ``v I``. With the `renoise` kernel (the paper's zeta is its fraction squared) its tempering
    comes on top.

    **Source:** Zhu et al. 2023, algorithm 1.

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
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    weight: float = attrs.field(default=1.0, validator=number(above=0.0))
    prior_variance: float | None = attrs.field(default=None, validator=attrs.validators.optional(number(above=0.0)))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> tuple[Tensor, Info]:
        """The kernel's step with the proximal estimate."""
        prediction = problem.predict(z, level)
        video = problem.decode(prediction.z0)
        residual = problem.observation - problem.linear.forward(video)
        z0 = problem.encode(self._prox(problem, level, video))
        moved = prediction.with_clean(z0, level)
        return kernel.step(z, moved, level, target, rng), {"misfit": misfit(residual)}

    def _prox(self, problem: Problem, level: NoiseLevel, video: Tensor) -> Tensor:
        variance = self.variance(level)
        if variance is None:
            return video + problem.linear.pseudo_inverse(problem.observation - problem.linear.forward(video))
        in_video_units = variance * problem.decoder_gain**2
        return problem.linear.prox(video, problem.observation, in_video_units, problem.noise_std**2)

    def variance(self, level: NoiseLevel) -> float | None:
        """``r2`` of one latent element; None where it is infinite (``a = 0``), and the observation alone decides."""
        if self.prior_variance is not None:
            s2, a2 = level.s**2, level.a**2
            return s2 * self.prior_variance / (s2 + a2 * self.prior_variance)
        return (level.s / level.a) ** 2 / self.weight if level.a > 0 else None
