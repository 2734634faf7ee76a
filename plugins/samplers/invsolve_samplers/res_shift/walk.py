"""The walk down a ResShift chain, whatever it starts from."""

from typing import final

import attrs
from torch import Tensor

from invsolve.problem import Problem
from invsolve.problem.recalled import recalled
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, Info
from invsolve.sampler.guided_step import guided_step
from invsolve.schedule import NoiseLevel
from invsolve_samplers.diffusion import DiffusionState
from invsolve_samplers.res_shift.levels import shift_levels
from invsolve_samplers.res_shift.schedule import ResShiftSchedule
from invsolve_samplers.res_shift.shift_kernel import ShiftKernel


@final
@attrs.frozen
class ShiftWalk:
    """``x = z0 + eta (y - z0) + kappa sqrt(eta) n``, kept as ``x - eta y``, a latent at a level: ``y`` cancels."""

    chain: ResShiftSchedule
    guidance: Guidance
    exact: bool

    def start(self, problem: Problem, video: Tensor, rng: Randomness) -> DiffusionState:
        """``y + kappa sqrt(eta_T) n`` for ``y`` the latent of `video`, in the units of the first level."""
        level = self.levels(problem)[0]
        known = problem.encode(video)
        return DiffusionState(level.a * known + level.s * rng.normal(known))

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """From level ``i`` to level ``i + 1``."""
        problem = recalled(problem, state.memory)
        level, target = self.levels(problem)[i : i + 2]
        kernel = ShiftKernel(self.chain.kappa, self.exact)
        guided = guided_step(self.guidance, problem, kernel, state.z, level, target, rng)
        return DiffusionState.after(guided, target, i + 1), guided.info

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The guided clean estimate, the prior's where there is none; after the last step, the sample."""
        if state.clean is not None:
            return state.clean
        problem = recalled(problem, state.memory)
        return problem.predict(state.z, self.levels(problem)[state.step]).z0

    def levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        """The chain's levels in the units of the problem's prior."""
        return shift_levels(self.chain, problem.prior.schedule)
