"""`ResShift`: from a degraded video to a clean one in a few steps."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance, Info
from invsolve.validators import instance, number, whole
from invsolve_samplers.diffusion import DiffusionState
from invsolve_samplers.guidance.exact import ExactGuidance
from invsolve_samplers.res_shift.kernel import ResShiftKernel
from invsolve_samplers.res_shift.schedule import ResShiftSchedule
from invsolve_samplers.res_shift.walk import ShiftWalk


@final
@attrs.frozen
class ResShift(Sampler[DiffusionState]):
    """Walk from the degraded video to the clean one: ``x_t = x_0 + eta_t (y - x_0) + kappa sqrt(eta_t) n``.

    ``y`` is the latent of the observation brought back to the space of the signal by the pseudo-inverse, ``E(A^+ y)``:
    a blurred picture repeated over its frames, a small one enlarged. The start is ``y + kappa sqrt(eta_T) n``, and each
    step is ``x' = (eta' / eta) x + (1 - eta' / eta) x_0 + kappa sqrt((eta' / eta) (eta - eta')) n`` with the guided
    clean estimate for ``x_0``.

    The prior sees ``x - eta y = (1 - eta) x_0 + kappa sqrt(eta) n``, in the units of its own schedule, at the time when
    that has the same ratio of noise to signal; a prior with the schedule `res_shift` sees it as it is. A network that
    was trained on ``x`` itself adds ``eta y`` from its condition.

    Cost of a step: that of the guidance. Needs what the guidance needs, and a linear operator for ``A^+``.

    Known bias: the covariance is too small by O(1 / steps), unless ``exact``; and the start takes ``eta_T`` for 1,
    which leaves ``(1 - eta_T) (y - x_0)``, 2 % of the residual, in the first mean.

    Attributes:
        steps: 15, or 4 (with ``noise: 0.2``), as published; at least 2.
        kappa: of the chain, as in `ResShiftSchedule`.
        power: of the chain, as in `ResShiftSchedule`.
        end: of the chain, as in `ResShiftSchedule`.
        noise: of the chain, as in `ResShiftSchedule`.
        guidance: how the observation enters each step; ``none`` is for networks conditioned on ``y``, as the paper's.
        exact: draw ``x_0`` from its law instead of taking its mean, where guidance and prior give it in closed form.

    References:
        Yue, Wang and Loy 2023, section 2; 4 steps: Yue, Wang and Loy 2024. Any guidance, and priors made for other
        schedules, are this package's.

    Examples:
        ```python
        ResShift(steps=15, kappa=2.0)
        ```

        ```yaml
        sampler: {use: res_shift, steps: 15, kappa: 2.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = ResShiftKernel.references

    steps: int = attrs.field(default=15, validator=whole(least=2))
    kappa: float = attrs.field(default=2.0, validator=number(above=0.0))
    power: float = attrs.field(default=0.3, validator=number(above=0.0))
    end: float = attrs.field(default=0.99, validator=number(above=0.0, below=1.0))
    noise: float = attrs.field(default=0.04, validator=number(above=0.0))
    guidance: Guidance = attrs.field(factory=ExactGuidance, validator=instance(Guidance))
    exact: bool = attrs.field(default=False, validator=instance(bool))

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the guidance, and a linear operator."""
        return self.guidance.requires | {Requirement.LINEAR}

    @property
    def walk(self) -> ShiftWalk:
        """The chain and its steps."""
        chain = ResShiftSchedule(self.steps, self.kappa, self.power, self.end, self.noise)
        return ShiftWalk(chain, self.guidance, self.exact)

    def init(self, problem: Problem, rng: Randomness) -> DiffusionState:
        """``E(A^+ y)`` and noise."""
        return self.walk.start(problem, problem.pseudo_inverse(problem.observation), rng)

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """One step of the chain."""
        return self.walk.step(problem, state, i, rng)

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The clean estimate; after the last step, the sample."""
        return self.walk.estimate(problem, state)
