"""`DPS`: diffusion posterior sampling as its paper runs it."""

from functools import cached_property
from typing import ClassVar, final

import attrs

from invsolve.schedule import Spacing
from invsolve.validators import literal, number, whole
from invsolve_samplers.diffusion import Diffusion
from invsolve_samplers.guidance.dps import DPSGuidance, StepRule
from invsolve_samplers.kernels.ddpm import DDPMKernel
from invsolve_samplers.named_diffusion import NamedDiffusion


@final
@attrs.frozen
class DPS(NamedDiffusion):
    """Diffusion posterior sampling: ancestral steps, each followed by ``z' - (scale / ||r||) grad_z ||r||^2``.

    The same as ``Diffusion(kernel=DDPMKernel(), guidance=DPSGuidance(scale, convention), steps=steps)``.

    Cost of a step, needs and known bias: see `DPSGuidance`.

    Attributes:
        steps: how many, at least 1. The scale that fits depends on it: with fewer steps take a larger one.
        scale: positive. Larger follows the observation more closely; the published values are 0.15 to 0.5 for images in
            [-1, 1]; an average over ``N`` frames needs about ``N`` times as much.
        convention: what `scale` multiplies, see `DPSGuidance`: ``paper``, ``unsquared``, ``squared``, ``score`` or
            ``bayes``.
        spacing: which of the schedule's levels.
        start: below 1 a late start from the noised pseudo-inverse, see `Diffusion`.

    References:
        Chung, Kim, McCann, Klasky and Ye 2023, algorithm 1.

    Examples:
        ```python
        DPS(steps=1000, scale=1.0)
        ```

        ```yaml
        sampler: {use: dps, steps: 1000, scale: 1.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (*DPSGuidance.references, *DDPMKernel.references)

    steps: int = attrs.field(default=1000, validator=whole(least=1))
    scale: float = attrs.field(default=1.0, validator=number(above=0.0))
    convention: StepRule = attrs.field(default="paper", validator=literal(StepRule))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @cached_property
    def diffusion(self) -> Diffusion:
        """The sampler that this is a name for."""
        return Diffusion(DDPMKernel(), DPSGuidance(self.scale, self.convention), self.steps, self.spacing, self.start)
