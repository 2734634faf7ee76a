"""`ShiftKernel`: the step of a ResShift chain, in the units of any prior."""

import math
from typing import final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class ShiftKernel(Kernel):
    """The step of `ResShiftKernel` for latents ``c w``, ``w = (1 - eta) z0 + kappa sqrt(eta) n``, any ``c``.

    ``eta`` follows from ``s / a = kappa sqrt(eta) / (1 - eta)``, and ``c = a / (1 - eta)``.

    Attributes:
        kappa: as in `ResShiftSchedule`.
        exact: draw ``z0`` from the law that the prediction carries, instead of taking its mean.

    References:
        Yue, Wang and Loy 2023, section 2.1.
    """

    kappa: float
    exact: bool = False

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``c' ((eta' / eta) z / c + (1 - eta' / eta) z0 + kappa sqrt((eta' / eta) (eta - eta')) n)``."""
        eta, following = self.eta(level), self.eta(target)
        ratio, scale = following / eta, target.a / (1 - following)
        z0 = self._drawn(prediction, rng) if self.exact else prediction.z0
        mean = scale * (ratio * (1 - eta) / level.a * prediction.start(z) + (1 - ratio) * z0)
        std = scale * self.kappa * math.sqrt(ratio * (eta - following))
        return mean + std * rng.normal(z) if std > 0 else mean

    def eta(self, level: NoiseLevel) -> float:
        """The shift of the chain at `level`, ``a > 0``."""
        # the root of r eta + kappa sqrt(eta) - r = 0 with r = s / a, written without cancellation
        root = 2 * level.sbar / (self.kappa + math.sqrt(self.kappa**2 + 4 * level.sbar**2))
        return root**2

    def _drawn(self, prediction: Prediction, rng: Randomness) -> Tensor:
        if prediction.conditional is None:
            raise CapabilityError(
                "exact steps need the law of the clean latent in closed form, and the guidance gave only a mean. Use "
                "guidance 'exact' or 'none' with a gaussian, spectral_gaussian or gaussian_mixture prior, or exact: "
                "false."
            )
        return prediction.conditional.sample(rng)
