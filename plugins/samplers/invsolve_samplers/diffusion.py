"""`Diffusion`: any kernel with any guidance rule."""

from functools import lru_cache
from typing import final

import attrs
from torch import Tensor

from invsolve.prior import TractablePrior
from invsolve.problem import Problem, Requirement
from invsolve.problem.recalled import recalled
from invsolve.randomness import Randomness
from invsolve.returned import check_tensor
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance, Info
from invsolve.sampler.guided import Guided
from invsolve.sampler.guided_step import guided_step
from invsolve.sampler.kernel import CorrectingKernel, Kernel, MultistepKernel, Past
from invsolve.sampler.levels import levels_of
from invsolve.schedule import NoiseLevel, Schedule, Spacing
from invsolve.validators import instance, literal, number, whole
from invsolve_samplers.guidance.exact import ExactGuidance
from invsolve_samplers.guidance.pigdm import PiGDMGuidance
from invsolve_samplers.kernels.ddpm import DDPMKernel
from invsolve_samplers.kernels.exact import ExactKernel
from invsolve_samplers.moves.warm_start import noised_pseudo_inverse


@final
@attrs.frozen(eq=False)
class DiffusionState:
    """The state of a diffusion run.

    Attributes:
        z: the noisy latent; after the last step, the sample.
        clean: the guided clean estimate that the last step used; None before the first, and for rules that step by
            themselves.
        step: how many steps were taken.
        memory: what a prior that recurs wants to be handed at the next step.
    """

    z: Tensor
    clean: Tensor | None = None
    step: int = 0
    memory: Tensor | None = None

    @classmethod
    def after(cls, guided: Guided, target: NoiseLevel, step: int) -> "DiffusionState":
        """The state after a guided step to `target`, the last of `step`."""
        if target.s == 0:
            return cls(guided.z, guided.z, step)
        if guided.prediction is None:
            return cls(guided.z, None, step)
        return cls(guided.z, guided.prediction.z0, step, guided.prediction.memory)


@final
@attrs.frozen
class Diffusion(Sampler[DiffusionState]):
    """Walk down the prior's noise levels: at each, the guidance corrects the prediction and the kernel takes the step.

    It starts from ``sqrt(a^2 + s^2) n``, the law of the noisiest level for latents of unit variance; with the `exact`
    kernel and `exact` guidance from the law of ``z`` given ``y`` itself, ``a z0 + s n`` with ``z0 ~ p(z0 | y)``. A late
    start, below 1, is ``a E(A^+ y) + s n``: the noised pseudo-inverse (where ``A`` is not linear, a video that descent
    from grey finds to explain the observation to its noise).

    Known bias of a late start: what is not observed has no spread of its own there, only the noise. For the average of
    four independent frames (exact guidance, DDIM, DDPM's levels) the variance is 0.98, 0.97, 0.91, 0.60 and 0.11 of the
    right one with starts at 1, 0.7, 0.5, 0.3 and 0.1, and the mean is drawn towards ``A^+ y`` alike.

    Attributes:
        kernel: how to go one level down.
        guidance: how the observation enters.
        steps: how many, at least 1.
        spacing: which of the schedule's levels: ``trailing``, ``leading``, ``linspace``, ``quadratic``, ``karras``.
        start: above 0, at most 1: the walk takes the last `steps` of ``steps / start`` levels (rounded); 1 takes all.

    References:
        Ho, Jain and Abbeel 2020, algorithm 2, and the papers of kernel and guidance; the late start is that of Zhu et
        al. 2023, section 4.

    Examples:
        ```python
        Diffusion(kernel=DDPMKernel(), guidance=PiGDMGuidance(), steps=100, spacing="trailing", start=1.0)
        ```

        ```yaml
        sampler:
          {use: diffusion, kernel: {use: ddpm}, guidance: {use: pigdm}, steps: 100, spacing: trailing, start: 1.0}
        ```
    """

    kernel: Kernel = attrs.field(factory=DDPMKernel, validator=instance(Kernel))
    guidance: Guidance = attrs.field(factory=PiGDMGuidance, validator=instance(Guidance))
    steps: int = attrs.field(default=100, validator=whole(least=1))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the guidance; the `exact` kernel needs a prior with closed forms."""
        tractable = frozenset({Requirement.TRACTABLE_PRIOR}) if isinstance(self.kernel, ExactKernel) else frozenset()
        return self.guidance.requires | tractable

    def init(self, problem: Problem, rng: Randomness) -> DiffusionState:
        """``sqrt(a^2 + s^2) n``; for an exact run the law of ``z`` given ``y``, else late ``a E(A^+ y) + s n``."""
        level = self._levels(problem)[0]
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        exact = isinstance(self.kernel, ExactKernel) and isinstance(self.guidance, ExactGuidance)
        if exact and isinstance(problem.prior, TractablePrior):
            return DiffusionState(level.a * problem.conditional().sample(rng) + level.s * rng.normal(like))
        if self.start < 1:
            return DiffusionState(noised_pseudo_inverse(problem, level, rng))
        return DiffusionState(level.start_std * rng.normal(like))

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """From level ``i`` to level ``i + 1``."""
        problem = recalled(problem, state.memory)
        path = self._levels(problem)
        level, target = path[i : i + 2]
        kernel = self.kernel
        if isinstance(kernel, MultistepKernel) and state.clean is not None and i > 0:
            kernel = kernel.after(Past(state.clean, path[i - 1]))
        guided = guided_step(self.guidance, problem, kernel, state.z, level, target, rng)
        if isinstance(kernel, CorrectingKernel) and guided.prediction is not None and target.s > 0:
            ahead = guided_step(self.guidance, problem, kernel, guided.z, target, path[i + 2], rng)
            if ahead.prediction is not None:
                correction = kernel.correction(guided.prediction, ahead.prediction, level, target)
                check_tensor(kernel, "correction", correction, state.z.shape, state.z.dtype)
                guided = attrs.evolve(guided, z=guided.z + correction)
        return DiffusionState.after(guided, target, i + 1), guided.info

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The guided clean estimate, the prior's where there is none; after the last step, the sample."""
        if state.clean is not None:
            return state.clean
        problem = recalled(problem, state.memory)
        return problem.predict(state.z, self._levels(problem)[state.step]).z0

    def _levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels(problem.prior.schedule, self.steps, self.spacing, self.start)


@lru_cache(maxsize=32)
def levels(schedule: Schedule, steps: int, spacing: Spacing, start: float = 1.0) -> tuple[NoiseLevel, ...]:
    """The last `steps` of ``schedule.levels(steps / start, spacing)``, computed once: every step of a run asks."""
    return levels_of(schedule, round(steps / start), spacing)[-steps - 1 :]
