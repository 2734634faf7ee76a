"""`DDPMKernel`: ancestral sampling."""

from typing import ClassVar, Literal, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal
from invsolve_samplers.moves.transition import Bridge

Variance = Literal["small", "large", "learned"]


@final
@attrs.frozen
class DDPMKernel(Kernel):
    """Ancestral sampling: the bridge ``p(z' | z, z0)`` with the clean estimate in place of ``z0``.

    ``z' = c1 z0 + c2 z + std n`` with ``c1 = a' beta / s^2``, ``c2 = (a / a') s'^2 / s^2`` and
    ``beta = s^2 - (a / a')^2 s'^2``. One draw a step.

    Known bias: the uncertainty of ``z0`` itself is left out, so with ``small`` the covariance is too small by O(1 /
    steps); ``large`` suits data of covariance I.

    Attributes:
        variance: ``small`` is the bridge's own, ``btilde = beta s'^2 / s^2``; ``large`` is ``beta``; ``learned`` takes
            ``log std^2 = f log beta + (1 - f) log btilde`` with the fraction ``f`` that the network predicts.

    Raises:
        CapabilityError: for ``learned`` with a prior that predicts no variance.

    References:
        Ho, Jain and Abbeel 2020, eq. 7 and section 3.2; Nichol and Dhariwal 2021, eq. 15 (learned).

    Examples:
        ```python
        Diffusion(kernel=DDPMKernel(variance="small"), guidance=PiGDMGuidance(), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: ddpm, variance: small}, guidance: {use: pigdm}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{ho2020denoising,\n"
        "  title = {Denoising Diffusion Probabilistic Models},\n"
        "  author = {Ho, Jonathan and Jain, Ajay and Abbeel, Pieter},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2020}\n}",
    )

    variance: Variance = attrs.field(default="small", validator=literal(Variance))

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``c1 z0 + c2 z + std n``."""
        z = prediction.start(z)
        bridge = Bridge.between(level, target)
        if self.variance == "small" or target.s == 0:
            return bridge.sample(prediction.z0, z, rng)
        smallest, largest = bridge.std, bridge.std * level.s / target.s
        if self.variance == "large":
            return bridge.mean(prediction.z0, z) + largest * rng.normal(z)
        if prediction.variance_fraction is None:
            raise CapabilityError(
                "the ddpm kernel with variance 'learned' needs a network that predicts its variance, and this prior "
                "gives none; use variance 'small'."
            )
        std = smallest * torch.pow(largest / smallest, prediction.variance_fraction)
        return bridge.mean(prediction.z0, z) + std * rng.normal(z)
