"""`Counted`: a prior that counts what is asked of its network."""

from typing import Any, cast, final

import attrs
from torch import Tensor

from invsolve.prior import Prior, TractablePrior
from invsolve.prior.prediction import Prediction
from invsolve.prior.residual import ResidualPrior
from invsolve.prior.wrapped import WrappedPrior
from invsolve.problem import Problem
from invsolve.schedule import NoiseLevel


@final
@attrs.define(eq=False)
class Counted(WrappedPrior):
    """Another prior, and how many latents its denoiser was shown: one for each row of each call, forwards.

    What a rule differentiates it computes again backwards, at one to two times the cost; that is not counted.
    """

    prior: Prior
    evaluations: int = attrs.field(default=0, init=False)

    @property
    def recurs(self) -> bool:  # type: ignore[override]  # read-only
        """True if the wrapped prior recurs."""
        return self.prior.recurs

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The prior's prediction, counted."""
        self.evaluations += len(z)
        return self.prior.predict(z, level, condition)

    def predict_after(
        self, memory: Tensor | None, z: Tensor, level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The prior's prediction, counted."""
        self.evaluations += len(z)
        return self.prior.predict_after(memory, z, level, condition)


def counted(problem: Problem) -> tuple[Problem, Counted | None]:
    """The problem with its prior counted; closed forms are left as they are, they have no network.

    Of a prior with a residual, the prior inside is: samplers want to see the residual.
    """
    prior = problem.prior
    if isinstance(prior, TractablePrior):
        return problem, None
    if not isinstance(prior, ResidualPrior):
        counter = Counted(prior)
        return attrs.evolve(problem, prior=counter), counter
    counter, outer = Counted(prior.prior), cast("Any", prior)
    return attrs.evolve(problem, prior=attrs.evolve(outer, prior=counter)), counter
