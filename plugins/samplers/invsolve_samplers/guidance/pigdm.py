"""`PiGDMGuidance`: the likelihood of the noisy latent, with one guessed variance."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.guidance import Guidance, Info, misfit, norms
from invsolve.kernel import Kernel
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel
from invsolve.validators import number


@final
@attrs.frozen
class PiGDMGuidance(Guidance):
    """Pseudo-inverse guidance: as if ``z0`` given ``z`` were ``N(z0(z), r2 I)``.

    ``g = J^T J_D^T A^T (r2 A A^T + std^2 I)^-1 (y - A(D(z0)))`` joins the prior's score, ``J = d z0 / d z``, with
    ``r2 = s^2 v / (s^2 + a^2 v)`` for a prior of variance ``v``. In a latent space ``r2`` is multiplied by the square
    of the decoder's gain, so that it is a variance in video units.

    - ``prior_variance``: ``v``, variance of one latent element, positive.

    Cost of a step: one network call, one vector-Jacobian product through network and decoder, one `gram_solve`. Needs a
    linear operator and Gaussian noise.

    Known bias: exact when the prior's covariance is ``v I``; otherwise a bias remains at any number of steps.

    **Source:** Song, Vahdat, Mardani and Kautz 2023, section 3, with the update that follows from the score; the
    paper adds the guidance vector with another weight.

    ```python
    Diffusion(guidance=PiGDMGuidance(prior_variance=1.0), steps=100)
    ```
    ```yaml
    sampler: {use: diffusion, guidance: {use: pigdm, prior_variance: 1.0}, steps: 100}
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

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> tuple[Tensor, Info]:
        """The kernel's step with the guided prediction."""
        operator, variance = problem.linear, self.variance(problem, level)

        def cotangent(_: Tensor, residual: Tensor) -> Tensor:
            return operator.adjoint(operator.gram_solve(residual, variance, problem.noise_std**2))

        prediction, score, residual = problem.pull_back(z, level, cotangent)
        info = {"misfit": misfit(residual), "gradient_norm": norms(score)}
        return kernel.step(z, prediction.with_score(score, level), level, target, rng), info

    def variance(self, problem: Problem, level: NoiseLevel) -> float:
        """``r2`` in video units."""
        s2, a2, v = level.s**2, level.a**2, self.prior_variance
        return s2 * v / (s2 + a2 * v) * problem.decoder_gain**2
