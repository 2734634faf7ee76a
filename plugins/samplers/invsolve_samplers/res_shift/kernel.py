"""`ResShiftKernel`: the reverse step of a chain that shifts the residual."""

import math
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class ResShiftKernel(Kernel):
    """``z' = (eta' / eta) z + (1 - eta' / eta) z0 + kappa sqrt((eta' / eta) (eta - eta')) n``.

    For the chain ``z = z0 + eta (y - z0) + kappa sqrt(eta) n``, which moves from a degraded video ``y`` in the space of
    the signal (``eta = 1``) to the clean one (``eta = 0``); ``y`` itself cancels from the step. A level is read as
    ``eta = 1 - a`` and ``kappa = s / sqrt(eta)``, which is how `ResShiftSchedule` makes them. One draw a step.

    Known bias: as `ddpm`, the covariance is too small by O(1 / steps).

    Raises:
        CapabilityError: for the levels of another schedule, between which ``kappa`` is not the same.

    References:
        Yue, Wang and Loy 2023, section 2.1.

    Examples:
        ```python
        Diffusion(kernel=ResShiftKernel(), guidance=NoGuidance(), steps=15)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: res_shift}, guidance: {use: none}, steps: 15}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{yue2023resshift,\n"
        "  title = {ResShift: Efficient Diffusion Model for Image Super-resolution by Residual Shifting},\n"
        "  author = {Yue, Zongsheng and Wang, Jianyi and Loy, Chen Change},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2023}\n}",
    )

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``(eta' / eta) z + (1 - eta' / eta) z0 + std n``."""
        eta, following = 1 - level.a, 1 - target.a
        if eta <= 0 or not math.isclose(level.s**2 * following, target.s**2 * eta, rel_tol=1e-6):
            raise CapabilityError(
                "res_shift is for levels a = 1 - eta and s = kappa sqrt(eta) with one kappa, but this prior's schedule "
                f"goes from a = {level.a:.4g}, s = {level.s:.4g} to a = {target.a:.4g}, s = {target.s:.4g}; use a "
                "prior with the schedule res_shift, or the kernel ddpm."
            )
        ratio, kappa = following / eta, level.s / math.sqrt(eta)
        mean = ratio * prediction.start(z) + (1 - ratio) * prediction.z0
        std = kappa * math.sqrt(ratio * (eta - following))
        return mean + std * rng.normal(z) if std > 0 else mean
