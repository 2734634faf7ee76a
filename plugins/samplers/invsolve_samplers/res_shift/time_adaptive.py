"""`TimeAdaptiveResShift`: frames between frames, from both of them to what a prior makes of them."""

from collections.abc import Sequence
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.motion.optical_flow import Flow
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance, Info
from invsolve.validators import instance, number, whole
from invsolve_samplers.diffusion import DiffusionState
from invsolve_samplers.guidance.ddnm import DDNMGuidance
from invsolve_samplers.interpolation.filling import SPLATTING
from invsolve_samplers.interpolation.keyframes import Keyframes
from invsolve_samplers.interpolation.motion import Motion
from invsolve_samplers.interpolation.recognition import unrecognised
from invsolve_samplers.optical_flow.dis import DISFlow
from invsolve_samplers.res_shift.kernel import ResShiftKernel
from invsolve_samplers.res_shift.schedule import ResShiftSchedule
from invsolve_samplers.res_shift.walk import ShiftWalk


def _shares(given: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if given is None else tuple(float(share) for share in given)


@final
@attrs.frozen
class TimeAdaptiveResShift(Sampler[DiffusionState]):
    """ResShift between two frames: ``x_t = x_0 + eta_t sum_i tau_i (y_i - x_0) + kappa sqrt(eta_t) n``, ``i = 0, 1``.

    ``y_0`` and ``y_1`` are the frames on either side, warped to the time of the frame that is sought, and
    ``tau_0 + tau_1 = 1``, so that this is `ResShift` from ``y = tau_0 y_0 + tau_1 y_1``. Frames that are seen start
    from themselves.

    Cost of a step: that of the guidance. Needs what the guidance needs, and an operator that shows frames as they are,
    the first and the last among them; raises `CapabilityError` otherwise, and `ComponentError` where `tau` has other
    frames.

    Known bias: as `ResShift`; and the prior's law of the frames between is not conditioned on ``y``, unless the prior
    is a network that is.

    Attributes:
        steps: at least 2.
        kappa: of the chain, as in `ResShiftSchedule`.
        power: of the chain, as in `ResShiftSchedule`.
        end: of the chain, as in `ResShiftSchedule`.
        noise: of the chain, as in `ResShiftSchedule`.
        flow: finds the optical flow between two frames.
        tau: the share ``tau_1`` of the later frame, in [0, 1], one for each frame between two seen ones; None for its
            time: ``1/4, 1/2, 3/4`` for three frames. Animation, where motion starts and stops, is where they differ.
        guidance: how the observation enters each step; ``ddnm`` puts the seen frames in their places.

    References:
        Fonte Chavez, Esteves and Hayet 2025. There the frames are softmax-splatted and a network trained for it refines
        them, with 20 steps; here they are looked up along a splatted flow, and any prior refines them.

    Examples:
        ```python
        TimeAdaptiveResShift(steps=20, tau=(0.25, 0.5, 0.75))
        ```

        ```yaml
        sampler: {use: time_adaptive_res_shift, steps: 20, tau: [0.25, 0.5, 0.75]}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{fontechavez2025time,\n"
        "  author = {Fonte Chavez, Victor and Esteves, Claudia and Hayet, Jean-Bernard},\n"
        "  title = {Time-Adaptive Video Frame Interpolation based on Residual Diffusion},\n"
        "  journal = {arXiv preprint arXiv:2504.05402},\n  year = {2025}\n}",
        *ResShiftKernel.references,
        SPLATTING,
    )

    steps: int = attrs.field(default=20, validator=whole(least=2))
    kappa: float = attrs.field(default=2.0, validator=number(above=0.0))
    power: float = attrs.field(default=0.3, validator=number(above=0.0))
    end: float = attrs.field(default=0.99, validator=number(above=0.0, below=1.0))
    noise: float = attrs.field(default=0.04, validator=number(above=0.0))
    flow: Flow = attrs.field(factory=DISFlow, validator=instance(Flow))
    tau: tuple[float, ...] | None = attrs.field(default=None, converter=_shares)
    guidance: Guidance = attrs.field(factory=DDNMGuidance, validator=instance(Guidance))

    @tau.validator
    def _are_shares(self, _: object, value: tuple[float, ...] | None) -> None:
        if value is not None and not all(0 <= share <= 1 for share in value):
            raise ComponentError(f"tau holds shares of the later frame, from 0 to 1, got {value}.")

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the guidance, and an operator that shows frames."""
        return self.guidance.requires | {Requirement.SEEN_FRAMES}

    @property
    def walk(self) -> ShiftWalk:
        """The chain and its steps."""
        chain = ResShiftSchedule(self.steps, self.kappa, self.power, self.end, self.noise)
        return ShiftWalk(chain, self.guidance, exact=False)

    def init(self, problem: Problem, rng: Randomness) -> DiffusionState:
        """The mixture of the warped frames, and noise."""
        keyframes = Keyframes.of(problem)
        return self.walk.start(problem, keyframes.filled(keyframes.flows(self.flow), self.mixture), rng)

    def mixture(self, motion: Motion, count: int) -> list[Tensor]:
        """``tau_0 y_0 + tau_1 y_1`` for the `count` frames between the ends of `motion`."""
        times = tuple((t + 1) / (count + 1) for t in range(count))
        shares = times if self.tau is None else self.tau
        if len(shares) != count:
            raise ComponentError(f"tau has {len(shares)} shares for gaps of {count} frames; give one for each frame.")
        views = [motion.at(time) for time in times]
        return [view.first.lerp(view.last, share) for view, share in zip(views, shares, strict=True)]

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """One step of the chain."""
        return self.walk.step(problem, state, i, rng)

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The clean estimate; after the last step, the sample."""
        return self.walk.estimate(problem, state)

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """Frames that seem to show different scenes."""
        return unrecognised(problem, self.flow)
