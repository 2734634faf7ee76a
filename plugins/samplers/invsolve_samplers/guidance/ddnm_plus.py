"""`DDNMPlusGuidance`: null-space guidance for noisy observations."""

import math
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number
from invsolve_samplers.guidance.ddnm import DDNMGuidance
from invsolve_samplers.guidance.singular_basis import SingularBasis


@final
@attrs.frozen
class DDNMPlusGuidance(Guidance):
    """`ddnm` in the basis of singular vectors, each component corrected as far as its noise allows.

    Component ``i`` is seen with noise ``sigma_i = std / s_i``; with ``c = sqrt(1 - fraction^2)``:

    - ``s' < a' sigma_i``: ``z'_i = a' (z0_i + lam (ybar_i - z0_i)) + fraction s' n_i``, ``lam = c s' / (a' sigma_i)``;
    - otherwise: ``z'_i = a' ybar_i + sqrt(s'^2 - (a' sigma_i)^2) n_i``;
    - unseen: ``z'_i = a' z0_i + s' (c eps_i + fraction n_i)``.

    It steps by itself: the kernel is not used.

    Cost of a step: one network call and four fast transforms, no gradient. Needs a linear operator with singular values
    in closed form, Gaussian noise and a prior of videos.

    Known bias: that of `ddnm` where the prior mixes seen and unseen components, and the tempering of `renoise`. The
    same as `ddrm` with ``eta_b = 1``.

    Attributes:
        fraction: in [0, 1], the share of the noise that is drawn anew (the paper's eta).

    References:
        Wang, Yu and Zhang 2023, section 3.3 and appendix (the form with singular values).

    Examples:
        ```python
        Diffusion(guidance=DDNMPlusGuidance(fraction=0.85), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: ddnm_plus, fraction: 0.85}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = DDNMGuidance.references
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    fraction: float = attrs.field(default=0.85, validator=[number(least=0.0), number(most=1.0)])

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """All components at once."""
        basis = SingularBasis.of(problem, "ddnm_plus")
        prediction = problem.predict(z, level)
        residual = problem.residual(prediction.z0)
        eps_share = math.sqrt(1 - self.fraction**2)
        noise = rng.normal(z) if target.s > 0 else torch.zeros_like(z)
        unseen = target.a * prediction.z0 + target.s * (eps_share * prediction.eps + self.fraction * noise)
        reach = target.a * basis.noise
        partly = reach > target.s
        trust = torch.where(partly, eps_share * target.s / torch.where(partly, reach, 1.0), 1.0)
        std = torch.where(partly, self.fraction * target.s, (target.s**2 - reach**2).clamp_min(0.0).sqrt())
        clean = basis.spectrum.to_input_basis(prediction.z0) + trust * basis.innovation(residual)
        seen = target.a * clean + std * basis.spectrum.to_input_basis(noise)
        return Guided(basis.replace(unseen, seen), None, {"misfit": misfit(residual)})
