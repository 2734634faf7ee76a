"""`Twist`: how well a noisy latent will explain the observation."""

from typing import final

import attrs
from torch import Tensor

from invsolve.problem import Problem, Trace
from invsolve.schedule import NoiseLevel
from invsolve_samplers.guidance.pigdm import PiGDMGuidance


@final
@attrs.frozen
class Twist:
    """``p~(y | z)``, a guess of ``p(y | z)`` from the clean estimate ``z0(z)``; at the clean end it is ``p(y | z0)``.

    Attributes:
        prior_variance: ``v`` of `PiGDMGuidance`: ``N(y; A(D(z0)), r2 A A^T + std^2 I)``, less its normaliser, which is
            the same for all particles; None is the likelihood of the clean estimate, ``p(y | z0(z))``.
    """

    prior_variance: float | None

    def value_and_score(
        self, problem: Problem, trace: Trace, level: NoiseLevel, variance: float
    ) -> tuple[Tensor, Tensor]:
        """``log p~(y | z)``, shape (b,), and the score to propose with, in the shape of ``z``; one product back.

        The score is the gradient of the value, or for a prior variance that of `pigdm`, which does not overshoot.

        Args:
            variance: ``r2`` of this level, see `variance`.
        """
        if self.prior_variance is None:
            score = trace.pull(problem.log_likelihood_gradient(trace.video))
            mean = problem.observation - trace.residual
            return -problem.noise.negative_log_likelihood(problem.observation, mean).double(), score
        score, solved = PiGDMGuidance(self.prior_variance).score(problem, trace, level, variance)
        return -(trace.residual.double() * solved).flatten(1).sum(1) / 2, score

    def variance(self, problem: Problem, level: NoiseLevel) -> float:
        """``r2`` in video units; 0 without a prior variance."""
        return 0.0 if self.prior_variance is None else PiGDMGuidance(self.prior_variance).variance(problem, level)


def log_likelihood(problem: Problem, z0: Tensor) -> Tensor:
    """``log p(y | z0)`` of each row, up to the noise's constant."""
    return -problem.noise.negative_log_likelihood(problem.observation, problem.forward(z0)).double()
