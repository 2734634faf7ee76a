"""`DDIM`: guided sampling in few steps."""

from functools import cached_property
from typing import ClassVar, final

import attrs

from invsolve.sampler.guidance import Guidance
from invsolve.schedule import Spacing
from invsolve.validators import instance, literal, number, whole
from invsolve_samplers.diffusion import Diffusion
from invsolve_samplers.guidance.exact import ExactGuidance
from invsolve_samplers.kernels.ddim import DDIMKernel
from invsolve_samplers.named_diffusion import NamedDiffusion


@final
@attrs.frozen
class DDIM(NamedDiffusion):
    """DDIM steps, corrected by a guidance rule.

    The same as ``Diffusion(kernel=DDIMKernel(eta), guidance=guidance, steps=steps, spacing=spacing)``.

    Attributes:
        steps: how many, at least 1.
        eta: in [0, 1]; 0 is deterministic given its start, 1 is ancestral sampling.
        guidance: how the observation enters; `none` samples the prior. The default, `exact`, has no step size to tune
            and does not diverge in few steps where a prior's variance is far from 1 in some directions, as `pigdm` may.
        spacing: which of the schedule's levels.
        start: below 1 a late start from the noised pseudo-inverse, see `Diffusion`.

    References:
        Song, Meng and Ermon 2021, eq. 12, and the paper of the guidance rule.

    Examples:
        ```python
        DDIM(steps=50, eta=0.0)
        ```

        ```yaml
        sampler: {use: ddim, steps: 50, eta: 0.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = DDIMKernel.references

    steps: int = attrs.field(default=50, validator=whole(least=1))
    eta: float = attrs.field(default=0.0, validator=[number(least=0.0), number(most=1.0)])
    guidance: Guidance = attrs.field(factory=ExactGuidance, validator=instance(Guidance))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @cached_property
    def diffusion(self) -> Diffusion:
        """The sampler that this is a name for."""
        return Diffusion(DDIMKernel(self.eta), self.guidance, self.steps, self.spacing, self.start)
