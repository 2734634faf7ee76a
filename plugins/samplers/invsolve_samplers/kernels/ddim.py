"""`DDIMKernel`: between the probability-flow ODE and ancestral sampling."""

import math
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import number
from invsolve_samplers.moves.transition import Bridge


@final
@attrs.frozen
class DDIMKernel(Kernel):
    """``z' = a' z0 + sqrt(s'^2 - sigma^2) eps + sigma n`` with ``sigma = eta sqrt(btilde)``, DDPM's own std times eta.

    Known bias: O(1 / steps), for ``eta = 0`` of mean and covariance.

    Attributes:
        eta: in [0, 1]. 0 is deterministic (the probability-flow ODE), 1 is `DDPMKernel`. This is DDIM's eta; the
            fraction of the noise that is drawn anew, which several papers also call eta, is another number.

    References:
        Song, Meng and Ermon 2021, eq. 12 and 16.

    Examples:
        ```python
        Diffusion(kernel=DDIMKernel(eta=0.0), guidance=PiGDMGuidance(), steps=50)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: ddim, eta: 0.0}, guidance: {use: pigdm}, steps: 50}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{song2021denoising,\n"
        "  title = {Denoising Diffusion Implicit Models},\n"
        "  author = {Song, Jiaming and Meng, Chenlin and Ermon, Stefano},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2021}\n}",
    )

    eta: float = attrs.field(default=0.0, validator=[number(least=0.0), number(most=1.0)])

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``a' z0 + sqrt(s'^2 - sigma^2) eps + sigma n``."""
        sigma = self.eta * Bridge.between(level, target).std
        eps_std = math.sqrt(max(target.s**2 - sigma**2, 0.0))
        mean = torch.add(target.a * prediction.z0, prediction.eps, alpha=eps_std)
        return torch.add(mean, rng.normal(z), alpha=sigma) if sigma > 0 else mean
