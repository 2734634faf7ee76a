"""`BidirectionalWarp`: the bridge between frames as its notebook states it, with its posterior put right."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.motion.optical_flow import Flow
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import instance, literal, number
from invsolve_samplers.interpolation.filling import NEEDS, OCCLUSION, REMARK, SPLATTING, interpolated, start
from invsolve_samplers.interpolation.recognition import unrecognised
from invsolve_samplers.interpolation.state import BridgeState
from invsolve_samplers.interpolation.warp_chain import WarpChain
from invsolve_samplers.interpolation.warp_posterior import Solver
from invsolve_samplers.optical_flow.dis import DISFlow


@final
@attrs.frozen
class BidirectionalWarp(Sampler[BridgeState]):
    """Frames between frames that are seen, by the bridge as its notebook states it, with the posterior put right.

        x_t given x_(t-1) ~ N((1 - l) m W_f x_(t-1) + l (1 - m) W_b x_T, std^2 I),    l = t / T

    with masks ``m`` of 0 and 1, and ``N((1 - l) m W_0 x_0 + l (1 - m) W_T x_T, std^2 I)`` as the law of each frame
    without the next. Draws go backward from frame ``T``.

    It is here for the record: the mixture is not normalised, so that a pixel taken from frame 0 is dimmed by ``1 - l``
    and one from frame T by ``l``. For pictures use `NormalisedBidirectionalWarp`, whose fields these are.

    Attributes:
        flow: as there.
        solver: as there.
        draw: as there.
        std: of every frame about its mean [values in 0..1], positive.

    References:
        An unpublished student notebook (Beijing Normal University, 2025, section 3.4); its eq. 3.4.7 and 3.4.8 have the
        two weights of the posterior mean exchanged, which is corrected here. Unlike there, flows are scaled to the time
        of each frame, and where both frames show a pixel the nearer one gives it.

    Examples:
        ```python
        BidirectionalWarp(flow=DISFlow(), std=0.01)
        ```

        ```yaml
        sampler: {use: bidirectional_warp, flow: {use: dis}, std: 0.01}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (SPLATTING, OCCLUSION)

    flow: Flow = attrs.field(factory=DISFlow, validator=instance(Flow))
    std: float = attrs.field(default=0.01, validator=number(above=0.0))
    solver: Solver = attrs.field(default="conjugate_gradients", validator=literal(Solver))
    draw: bool = attrs.field(default=True, validator=instance(bool))
    steps: int = attrs.field(default=1, init=False, repr=False, eq=False)

    @property
    def requires(self) -> frozenset[Requirement]:
        """An operator that shows frames."""
        return NEEDS

    def init(self, problem: Problem, rng: Randomness) -> BridgeState:
        """The flows, and a cross-fade."""
        return start(problem, self.flow)

    def step(self, problem: Problem, state: BridgeState, i: int, rng: Randomness) -> tuple[BridgeState, Info]:
        """All frames between."""
        chain = WarpChain(self.std, 0.0, 1.0, self.solver, self.draw, normalised=False)
        return interpolated(problem, state, chain, rng)

    def estimate(self, problem: Problem, state: BridgeState) -> Tensor:
        """The latent of the clip."""
        return state.z

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """Frames that seem to show different scenes; why chi-square is 0, where nothing is drawn."""
        return unrecognised(problem, self.flow) + (() if self.draw else (REMARK,))
