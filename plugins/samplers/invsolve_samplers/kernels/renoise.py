"""`RenoiseKernel`: draw a fraction of the noise anew."""

import math
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number


@final
@attrs.frozen
class RenoiseKernel(Kernel):
    """``z' = a' z0 + s' (sqrt(1 - f^2) eps + f n)``, ``f = fraction``: the "eta" of DDNM, DDRM, DiffPIR and MPGD.

    It is not DDIM's eta: there the new noise shrinks with the step, here its share is the same however small the step.

    Known bias: with many steps this is a Langevin chain whose law is the posterior under a tempered prior, of
    covariance ``(1 + sqrt(1 - f^2)) / 2`` times the true one: 0.76 for 0.85, 1/2 for 1. More steps do not remove it.

    Attributes:
        fraction: in [0, 1]; 0 is deterministic (DDIM with eta 0), 1 keeps nothing of the old noise. DiffPIR's zeta is
            ``f^2``; stochastic flow sampling with share ``e`` of new noise is ``f = sqrt(e)``.

    References:
        Wang, Yu and Zhang 2023 (DDNM), algorithm 1; Zhu et al. 2023 (DiffPIR), algorithm 1.

    Examples:
        ```python
        Diffusion(kernel=RenoiseKernel(fraction=0.85), guidance=DDNMGuidance(), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: renoise, fraction: 0.85}, guidance: {use: ddnm}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{wang2023zero,\n"
        "  title = {Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model},\n"
        "  author = {Wang, Yinhuai and Yu, Jiwen and Zhang, Jian},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2023}\n}",
    )

    fraction: float = attrs.field(default=0.85, validator=[number(least=0.0), number(most=1.0)])

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``a' z0 + s' (sqrt(1 - f^2) eps + f n)``."""
        eps_std = target.s * math.sqrt(1 - self.fraction**2)
        mean = target.a * prediction.z0 + eps_std * prediction.eps
        drawn = target.s * self.fraction
        return mean + drawn * rng.normal(z) if drawn > 0 else mean
