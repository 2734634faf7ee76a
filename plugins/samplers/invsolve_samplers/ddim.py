"""`DDIM`: guided sampling in few steps."""

from functools import cached_property
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance, Info
from invsolve.schedule import Spacing
from invsolve.validators import instance, number, one_of, whole
from invsolve_samplers.diffusion import SPACINGS, Diffusion, DiffusionState
from invsolve_samplers.guidance.exact import ExactGuidance
from invsolve_samplers.kernels.ddim import DDIMKernel


@final
@attrs.frozen
class DDIM(Sampler[DiffusionState]):
    """DDIM steps, corrected by a guidance rule.

    The same as ``Diffusion(kernel=DDIMKernel(eta), guidance=guidance, steps=steps, spacing=spacing)``.

    - ``steps``: how many, at least 1.
    - ``eta``: in [0, 1]; 0 is deterministic given its start, 1 is ancestral sampling.
    - ``guidance``: how the observation enters; `none` samples the prior. The default, `exact`, has no step size to tune
      and does not diverge in few steps where a prior's variance is far from 1 in some directions, as `pigdm` may.
    - ``spacing``: which of the schedule's levels.
    - ``start``: below 1 a late start from the noised pseudo-inverse, see `Diffusion`.

    **Source:** Song, Meng and Ermon 2021, eq. 12, and the paper of the guidance rule.

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
    spacing: Spacing = attrs.field(default="trailing", validator=one_of(SPACINGS))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the guidance."""
        return self.diffusion.requires

    @cached_property
    def diffusion(self) -> Diffusion:
        """The sampler that this is a name for."""
        return Diffusion(DDIMKernel(self.eta), self.guidance, self.steps, self.spacing, self.start)

    def init(self, problem: Problem, rng: Randomness) -> DiffusionState:
        """Noise at the first level, or the noised pseudo-inverse."""
        return self.diffusion.init(problem, rng)

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """One guided DDIM step."""
        return self.diffusion.step(problem, state, i, rng)

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The guided clean estimate; after the last step, the sample."""
        return self.diffusion.estimate(problem, state)
