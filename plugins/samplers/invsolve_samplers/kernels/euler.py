"""`EulerKernel`: Euler's method for the probability-flow equation."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class EulerKernel(Kernel):
    """``z' = a' z0 + s' eps``: a straight line along the flow ``dz = z0 da + eps ds``.

    For flow levels this is ``z + (t' - t) u`` with ``u = eps - z0``, for exploding ones ``z + (sigma' - sigma) eps``,
    and for variance-preserving ones a DDIM step with eta 0. It is written with the two ends of the line, so that it is
    also right for rules that replace one end and leave ``z = a z0 + s eps`` behind.

    Known bias: O(1 / steps) of mean and covariance.

    References:
        Liu, Gong and Liu 2023, algorithm 1; Karras, Aittala, Aila and Laine 2022, algorithm 1, line 5.

    Examples:
        ```python
        Diffusion(kernel=EulerKernel(), guidance=PiGDMGuidance(), steps=50)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: euler}, guidance: {use: pigdm}, steps: 50}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{liu2023flow,\n"
        "  title = {Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow},\n"
        "  author = {Liu, Xingchao and Gong, Chengyue and Liu, Qiang},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2023}\n}",
    )

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``a' z0 + s' eps``."""
        return target.a * prediction.z0 + target.s * prediction.eps
