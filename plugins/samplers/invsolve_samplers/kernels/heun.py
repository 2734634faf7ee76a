"""`HeunKernel`: second order by a second look."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import CorrectingKernel
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class HeunKernel(CorrectingKernel):
    """An Euler step, then the average of the slopes at both ends: ``dz = z0 da + eps ds`` by the trapezoidal rule.

    ``z' = z + (a' - a) (z0 + z0') / 2 + (s' - s) (eps + eps') / 2``, with ``z0', eps'`` predicted where Euler arrived.
    Two predictions a step, one at the last. Deterministic; safe at ``a = 0``.

    Known bias: O(1 / steps^2).

    References:
        Karras, Aittala, Aila and Laine 2022, algorithm 1, there for exploding levels; the slopes in ``(a, s)`` hold for
        any.

    Examples:
        ```python
        Diffusion(kernel=HeunKernel(), guidance=PiGDMGuidance(), steps=25)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: heun}, guidance: {use: pigdm}, steps: 25}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{karras2022elucidating,\n"
        "  title = {Elucidating the Design Space of Diffusion-Based Generative Models},\n"
        "  author = {Karras, Tero and Aittala, Miika and Aila, Timo and Laine, Samuli},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2022}\n}",
    )

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """Euler's step."""
        return target.a * prediction.z0 + target.s * prediction.eps

    def correction(self, prediction: Prediction, arrived: Prediction, level: NoiseLevel, target: NoiseLevel) -> Tensor:
        """Half the change of the slope."""
        return (target.a - level.a) / 2 * (arrived.z0 - prediction.z0) + (target.s - level.s) / 2 * (
            arrived.eps - prediction.eps
        )
