"""`NormalisedBidirectionalWarp`: frames between frames, by optical flow in both directions."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.motion.optical_flow import Flow
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import instance, literal, number
from invsolve_samplers.interpolation.filling import (
    NEEDS,
    OCCLUSION,
    REMARK,
    SPLATTING,
    SUPER_SLOMO,
    interpolated,
    start,
)
from invsolve_samplers.interpolation.grain import Grain
from invsolve_samplers.interpolation.recognition import unrecognised
from invsolve_samplers.interpolation.state import BridgeState
from invsolve_samplers.interpolation.warp_chain import WarpChain
from invsolve_samplers.interpolation.warp_posterior import Solver
from invsolve_samplers.optical_flow.dis import DISFlow


@final
@attrs.frozen
class NormalisedBidirectionalWarp(Sampler[BridgeState]):
    """Frames between frames that are seen: both warped to the time between, mixed, and drawn backward in time.

    With ``l = t / T`` and the mask ``m`` (1 where only frame 0 shows a pixel, 0 where only frame T does, 1/2 where both
    do):

        mu_t = ((1 - l) m W_0 x_0 + l (1 - m) W_T x_T) / ((1 - l) m + l (1 - m))

    The seen frames are drawn from ``N(y, noise)``, frame ``T - 1`` from ``N(mu, B)``, then each frame from its law
    given the next one, which was warped from it (`WarpPosterior`), so that the uncertainty of a pixel moves with it.
    Given the flow the draws are exact for white noise (`grain` and `colour` 0); otherwise they have the same mean and,
    but for bilinear look-up, the same standard deviations, and neighbouring pixels err together, as pictures do.

    ``select_frames`` names the seen frames: ``every: 8`` asks for seven between any two, at the times ``1/8 ...
    7/8``; for the time 0.3 alone, ask for nine (``every: 10``) and take the third.

    Of the prior it uses ``encode`` and ``decode`` alone. One step. Needs an operator that shows frames as they are, the
    first and the last among them. Remarks on two frames of which the flow finds less than a fifth again in one another:
    on either side of a cut, or where things moved too far.

    Known bias: motion is straight and steady, and what neither frame shows is not found. Where the flow is wrong in
    both directions alike, the uncertainty does not know.

    **Defaults:** `occlusion`, `std` and `disagreement` are round numbers near the best on five clips of 24 to 50
    frames/s, every second frame held out (docs/interpolation.md). `grain` and `colour` are near what errors of the mean
    show there: between neighbouring pixels a correlation of 0.1 to 0.3, between two channels one of 0.5 to 0.6.

    Attributes:
        flow: finds the optical flow between two frames.
        occlusion: how far the masks are trusted, in [0, 1]: ``m`` becomes ``1/2 + occlusion (m - 1/2)``; 0 mixes by
            time alone. Flow that is wrong looks like occlusion, and then both frames are better than one.
        std: of a frame half way about its mean, where the two warped frames agree [values in 0..1], positive.
        disagreement: how much of the difference between the two warped frames adds to it, at least 0. If their errors
            were independent, their mean would have an error of half their difference; on clips it is about all of it.
        solver: ``conjugate_gradients``, or ``diagonal``, an approximation that needs no iterations.
        draw: False gives the mean of the law instead of samples.
        grain: over how many pixels errors hang together [pixels], at least 0.
        colour: how strongly the errors of two channels do, in [0, 1].

    Raises:
        CapabilityError: otherwise.

    References:
        The bridge of an unpublished student notebook (Beijing Normal University, 2025, section 3.4), normalised as
        Jiang et al. 2018, eq. 5. Unlike there, flows are scaled to the time of each frame, and the variance may differ
        between pixels.

    Examples:
        ```python
        NormalisedBidirectionalWarp(flow=DISFlow(), occlusion=0.5, std=0.005, disagreement=1.0)
        ```

        ```yaml
        sampler: {use: normalised_bidirectional_warp, flow: {use: dis}, disagreement: 1.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (SUPER_SLOMO, SPLATTING, OCCLUSION)

    flow: Flow = attrs.field(factory=DISFlow, validator=instance(Flow))
    occlusion: float = attrs.field(default=0.5, validator=number(least=0.0, most=1.0))
    std: float = attrs.field(default=0.005, validator=number(above=0.0))
    disagreement: float = attrs.field(default=1.0, validator=number(least=0.0))
    solver: Solver = attrs.field(default="conjugate_gradients", validator=literal(Solver))
    draw: bool = attrs.field(default=True, validator=instance(bool))
    grain: float = attrs.field(default=0.7, validator=number(least=0.0))
    colour: float = attrs.field(default=0.6, validator=number(least=0.0, most=1.0))
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
        grain = Grain(self.grain, self.colour)
        chain = WarpChain(self.std, self.disagreement, self.occlusion, self.solver, self.draw, grain=grain)
        return interpolated(problem, state, chain, rng)

    def estimate(self, problem: Problem, state: BridgeState) -> Tensor:
        """The latent of the clip."""
        return state.z

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """Frames that seem to show different scenes; why chi-square is 0, where nothing is drawn."""
        return unrecognised(problem, self.flow) + (() if self.draw else (REMARK,))
