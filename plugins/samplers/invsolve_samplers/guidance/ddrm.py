"""`DDRMGuidance`: restoration in the basis of singular vectors."""

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
from invsolve_samplers.guidance.singular_basis import SingularBasis


@final
@attrs.frozen
class DDRMGuidance(Guidance):
    """Denoising diffusion restoration: one variational step for each singular component.

    In units of the clean latent, ``x = z / a`` and ``sb = s / a``, with ``ybar_i`` seen through noise
    ``sigma_i = std / s_i``, component ``i`` of ``x'`` is drawn from

    - unseen: ``N(x0_i + sqrt(1 - eta^2) sb' (x_i - x0_i) / sb, eta^2 sb'^2)``;
    - ``sb' < sigma_i``: ``N(x0_i + sqrt(1 - eta^2) sb' (ybar_i - x0_i) / sigma_i, eta^2 sb'^2)``;
    - otherwise: ``N((1 - eta_b) x0_i + eta_b ybar_i, sb'^2 - eta_b^2 sigma_i^2)``.

    It steps by itself: the kernel is not used.

    Cost of a step: one network call and a few fast transforms, no gradient. Needs a linear operator with singular
    values in closed form, Gaussian noise and a prior of videos.

    Known bias: that of `ddnm` where the prior mixes seen and unseen components, and the tempering of `renoise` with
    fraction ``eta``: with 0.85 variances come out at 0.76 of the truth.

    Attributes:
        eta: in [0, 1]; keep it below 1, or the observation is forgotten at the end.
        eta_b: the weight of the observation where it is clearer than the level, in [0, 1].

    References:
        Kawar, Elad, Ermon and Song 2022, section 3.2.

    Examples:
        ```python
        Diffusion(guidance=DDRMGuidance(eta=0.85, eta_b=1.0), steps=20)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: ddrm, eta: 0.85, eta_b: 1.0}, steps: 20}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{kawar2022denoising,\n"
        "  title = {Denoising Diffusion Restoration Models},\n"
        "  author = {Kawar, Bahjat and Elad, Michael and Ermon, Stefano and Song, Jiaming},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2022}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    eta: float = attrs.field(default=0.85, validator=[number(least=0.0), number(most=1.0)])
    eta_b: float = attrs.field(default=1.0, validator=[number(least=0.0), number(most=1.0)])

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """Draw every component."""
        basis = SingularBasis.of(problem, "ddrm")
        prediction = problem.predict(z, level)
        residual = problem.residual(prediction.z0)
        sb, sigma = target.sbar, basis.noise
        remembered = math.sqrt(1 - self.eta**2) * sb
        noise = rng.normal(z) if sb > 0 else torch.zeros_like(z)
        unseen = prediction.z0 + remembered * prediction.eps + self.eta * sb * noise
        below = sigma > sb
        pull = torch.where(below, remembered / torch.where(below, sigma, 1.0), self.eta_b)
        std = torch.where(below, self.eta * sb, (sb**2 - (self.eta_b * sigma) ** 2).clamp_min(0.0).sqrt())
        mean = basis.spectrum.to_input_basis(prediction.z0) + pull * basis.innovation(residual)
        seen = mean + std * basis.spectrum.to_input_basis(noise)
        return Guided(target.a * basis.replace(unseen, seen), None, {"misfit": misfit(residual)})
