"""`recalled`: predictions that depend on the one before; the sampler keeps the prior's memory."""

from typing import final

import attrs
from torch import Tensor

from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.prior.wrapped import WrappedPrior
from invsolve.problem.problem import Problem
from invsolve.schedule import NoiseLevel


def recalled(problem: Problem, memory: Tensor | None) -> Problem:
    """The problem, with the memory put into its prior if that recurs."""
    return problem.with_prior(Recalled(problem.prior, memory)) if problem.prior.recurs else problem


@final
@attrs.frozen(eq=False)
class Recalled(WrappedPrior):
    """A prior that recurs, for one step, with its memory."""

    prior: Prior
    memory: Tensor | None

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The prior's, after the memory."""
        return self.prior.predict_after(self.memory, z, level, condition)
