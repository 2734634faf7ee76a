"""`Stepping`: the plainest sampler around a kernel and a guidance rule, to try either of them alone."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.problem import Problem, Requirement
from invsolve.problem.recalled import recalled
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance, Info, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.guided_step import guided_step
from invsolve.sampler.kernel import CorrectingKernel, Kernel, MultistepKernel, Past
from invsolve.sampler.levels import levels_of
from invsolve.schedule import NoiseLevel
from invsolve.video.axes import Latent

STEPS = 4


@final
@attrs.frozen
class NoiseKept(Kernel):
    """``z' = a' z0 + s' eps``: the deterministic step of DDIM."""

    def step(self, z: Latent, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Latent:
        """The same noise at the next level."""
        return target.a * prediction.z0 + target.s * prediction.eps


@final
@attrs.frozen
class Unguided(Guidance):
    """The prior's own step; the misfit is recorded."""

    requires: ClassVar[frozenset[Requirement]] = frozenset()

    def step(
        self, problem: Problem, kernel: Kernel, z: Latent, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the prior's prediction."""
        prediction = problem.predict(z, level)
        info = {"misfit": misfit(problem.residual(prediction.z0))}
        return Guided(kernel.step(z, prediction, level, target, rng), prediction, info)


@final
@attrs.frozen(eq=False)
class SteppingState:
    """``z``, the clean estimate of the step before, how many steps were taken, and what a recurrent prior keeps."""

    z: Tensor
    clean: Tensor | None = None
    step: int = 0
    memory: Tensor | None = None


@final
@attrs.frozen
class Stepping(Sampler[SteppingState]):
    """Down the levels of the prior's schedule, each step by the rule and the kernel; four steps.

    Attributes:
        kernel: how to go one level down.
        guidance: how the observation enters.
    """

    kernel: Kernel = attrs.field(factory=NoiseKept)
    guidance: Guidance = attrs.field(factory=Unguided)
    steps: int = STEPS

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the rule."""
        return self.guidance.requires

    def init(self, problem: Problem, rng: Randomness) -> SteppingState:
        """Noise at the noisiest level."""
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        return SteppingState(self._levels(problem)[0].start_std * rng.normal(like))

    def step(self, problem: Problem, state: SteppingState, i: int, rng: Randomness) -> tuple[SteppingState, Info]:
        """From level ``i`` to level ``i + 1``."""
        problem, path, kernel = recalled(problem, state.memory), self._levels(problem), self.kernel
        level, target = path[i : i + 2]
        if isinstance(kernel, MultistepKernel) and state.clean is not None and i > 0:
            kernel = kernel.after(Past(state.clean, path[i - 1]))
        guided = guided_step(self.guidance, problem, kernel, state.z, level, target, rng)
        z, prediction = guided.z, guided.prediction
        if isinstance(kernel, CorrectingKernel) and prediction is not None and target.s > 0:
            ahead = guided_step(self.guidance, problem, kernel, z, target, path[i + 2], rng)
            if ahead.prediction is not None:
                z = z + kernel.correction(prediction, ahead.prediction, level, target)
        if target.s == 0 or prediction is None:
            return SteppingState(z, z if target.s == 0 else None, i + 1), guided.info
        return SteppingState(z, prediction.z0, i + 1, prediction.memory), guided.info

    def estimate(self, problem: Problem, state: SteppingState) -> Tensor:
        """The guided clean estimate, or the prior's."""
        if state.clean is not None:
            return state.clean
        return recalled(problem, state.memory).predict(state.z, self._levels(problem)[state.step]).z0

    def _levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels_of(problem.prior.schedule, self.steps, "trailing")
