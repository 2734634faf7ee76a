"""`Trial`: a sampler, and the small problems that the kit tries it on."""

from collections.abc import Sequence
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import UsageError
from invsolve.operator import LinearOperator
from invsolve.prior import Prior
from invsolve.problem import Problem, Requirement
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler
from invsolve.sampler.walk import last_state
from invsolve.schedule import DiscreteSchedule, EDMSchedule, FlowSchedule, Schedule
from invsolve.solving.loop import solve
from invsolve.solving.observer import Observer
from invsolve.solving.solution import Solution
from invsolve.testing.small import EndFrames, FrameMean, small_problem
from invsolve.testing.small_prior import SmallGaussian
from invsolve.testing.small_residual import SmallResidual

SCHEDULES: Final[tuple[Schedule, ...]] = (DiscreteSchedule(), FlowSchedule(), EDMSchedule())


@final
@attrs.frozen
class Trial:
    """A sampler on a small problem with a closed form: what the laws of samplers are about.

    Three observations of very different size, each the mean of four frames of a correlated Gaussian with noise.

    Attributes:
        sampler: what is tried.
        schedule: the noise levels of the problem's prior.
    """

    sampler: Sampler[Any]
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    @classmethod
    def of(cls, sampler: Sampler[Any], schedules: Sequence[Schedule] = SCHEDULES) -> "Trial":
        """On the first schedule that the sampler does not refuse: DDPM's, flow, EDM; failing all, on DDPM's."""
        for schedule in schedules:
            trial = cls(sampler, schedule)
            try:
                trial.solve()
            except UsageError:
                continue
            except Exception:  # whatever it raises, the laws are to say so
                return trial
            return trial
        return cls(sampler)

    def problem(self, dtype: torch.dtype = torch.float64) -> Problem:
        """The problem."""
        prior = self.suited(SmallGaussian(schedule=self.schedule))
        return small_problem(operator=self.operator, prior=prior, dtype=dtype)

    def suited(self, prior: Prior) -> Prior:
        """`prior`; for a sampler that needs a residual, with one."""
        return SmallResidual(prior) if Requirement.RESIDUAL_PRIOR in self.sampler.requires else prior

    @property
    def operator(self) -> LinearOperator:
        """The mean of all frames; for a sampler that needs to see frames, the first and the last one."""
        return EndFrames() if Requirement.SEEN_FRAMES in self.sampler.requires else FrameMean()

    def solve(
        self,
        problem: Problem | None = None,
        *,
        seed: int = 0,
        samples: int | Sequence[int] = 2,
        chunk: int | None = None,
        observers: Sequence[Observer] = (),
    ) -> Solution:
        """`invsolve.solve`; a bad result is a value, not an error: the laws do not judge the quality of samples."""
        return solve(
            problem or self.problem(),
            self.sampler,
            seed=seed,
            samples=samples,
            chunk=chunk,
            observers=observers,
            throw=False,
        )

    def latents(self, trajectories: tuple[tuple[int, int], ...], *, seed: int) -> Tensor:
        """The latents of the pairs (observation, sample), in this order, with the noise that `solve` gives them."""
        rows = self.problem().select(observation for observation, _ in trajectories)
        rng = SeededRandomness(seed, trajectories)
        return self.sampler.estimate(rows, last_state(self.sampler, rows, rng)).detach()
