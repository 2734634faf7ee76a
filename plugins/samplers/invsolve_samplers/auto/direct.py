"""`Direct`: one exact draw of the posterior, where the prior has it in closed form."""

from typing import final

import attrs
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, misfit
from invsolve.validators import whole


@final
@attrs.frozen
class Direct(Sampler[Tensor]):
    """``z0 ~ p(z0 | y)``, drawn by `init`; the `steps` leave it as it is and record its misfit."""

    steps: int = attrs.field(default=1, validator=whole(least=1))

    @property
    def requires(self) -> frozenset[Requirement]:
        """All that a closed form needs."""
        return frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE, Requirement.TRACTABLE_PRIOR})

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        """The draw."""
        return problem.conditional().sample(rng)

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, Info]:
        """Nothing is left to do."""
        return state, {"misfit": misfit(problem.residual(state))}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        """The draw."""
        return state
