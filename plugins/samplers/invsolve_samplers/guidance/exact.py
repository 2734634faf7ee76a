"""`ExactGuidance`: the conditional law itself, where the prior knows it."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior import TractablePrior
from invsolve.prior.prediction import Prediction
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import whole
from invsolve_samplers.guidance.tmpd import TMPDGuidance


@final
@attrs.frozen
class ExactGuidance(Guidance):
    """``z0`` becomes ``E[z0 | z, y]``, from the prior's closed form where it has one.

    For a Gaussian prior: ``E[z0 | z, y] = z0 + K (y - A z0)``, ``K = C A^T (A C A^T + std^2 I)^-1``,
    ``C = Cov[z0 | z]``. The prediction carries the whole law, which the `exact` kernel draws from. Where the prior (or
    the prior with this operator) has no closed form, this is `tmpd`.

    Cost of a step: one conditional of the prior; no network. Needs a linear operator and Gaussian noise. The misfit
    that it records is that of ``E[z0 | z, y]``.

    Known bias: none but the kernel's (with a prior that has closed forms).

    Attributes:
        iterations: of `tmpd`, where it stands in; 1 to 5 for networks.

    References:
        Conditioning of Gaussian laws; without a closed form, see `tmpd`.

    Examples:
        ```python
        Diffusion(guidance=ExactGuidance(), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: exact}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = TMPDGuidance.references
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    iterations: int = attrs.field(default=5, validator=whole(least=1))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the conditional mean."""
        if not isinstance(problem.prior, TractablePrior):
            return TMPDGuidance(iterations=self.iterations).step(problem, kernel, z, level, target, rng)
        try:
            conditional = problem.conditional(z, level)
        except CapabilityError:
            return TMPDGuidance(iterations=self.iterations).step(problem, kernel, z, level, target, rng)
        z0 = conditional.mean
        prediction = Prediction(z0, (z - level.a * z0) / level.s, conditional)
        info = {"misfit": misfit(problem.residual(z0))}
        return Guided(kernel.step(z, prediction, level, target, rng), prediction, info)
