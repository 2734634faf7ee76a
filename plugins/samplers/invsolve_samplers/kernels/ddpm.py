"""`DDPMKernel`: ancestral sampling."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.kernel import Kernel
from invsolve.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel
from invsolve_samplers.bridge import Bridge


@final
@attrs.frozen
class DDPMKernel(Kernel):
    """Ancestral sampling: the bridge ``p(z' | z, z0)`` with the clean estimate in place of ``z0``.

    ``z' = c1 z0 + c2 z + sqrt(btilde) n`` with ``c1 = a' beta / s^2``, ``c2 = (a / a') s'^2 / s^2``,
    ``btilde = beta s'^2 / s^2``, ``beta = s^2 - (a / a')^2 s'^2`` (the "fixed small" variance). One draw a step.

    Known bias: the uncertainty of ``z0`` itself is left out, so the covariance is too small by O(1 / steps).

    **Source:** Ho, Jain and Abbeel 2020, eq. 7 and algorithm 2.

    ```python
    Diffusion(kernel=DDPMKernel(), guidance=PiGDMGuidance(), steps=100)
    ```
    ```yaml
    sampler: {use: diffusion, kernel: {use: ddpm}, guidance: {use: pigdm}, steps: 100}
    ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{ho2020denoising,\n"
        "  title = {Denoising Diffusion Probabilistic Models},\n"
        "  author = {Ho, Jonathan and Jain, Ajay and Abbeel, Pieter},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2020}\n}",
    )

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``c1 z0 + c2 z + sqrt(btilde) n``."""
        return Bridge.between(level, target).sample(prediction.z0, z, rng)
