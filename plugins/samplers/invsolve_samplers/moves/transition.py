"""`Bridge`: the Gaussian law of ``z'`` given ``z`` and ``z0``, which most kernels are built on."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class Bridge:
    """``p(z' | z, z0) = N(clean z0 + noisy z, std^2 I)`` for ``z = a z0 + s eps`` and a less noisy ``(a', s')``.

    With ``r = a / a'`` and ``beta = s^2 - r^2 s'^2`` (the noise added on the way from ``z'`` to ``z``):
    ``clean = a' beta / s^2``, ``noisy = r s'^2 / s^2``, ``std^2 = beta s'^2 / s^2``. It holds for variance-preserving,
    variance-exploding and flow levels alike; at ``a = 0`` and at ``s' = 0`` the limits are taken as they stand.

    References:
        Ho, Jain and Abbeel 2020, eq. 6 and 7, for variance-preserving levels; for any others by Bayes' rule.
    """

    clean: float
    noisy: float
    std: float

    @classmethod
    def between(cls, level: NoiseLevel, target: NoiseLevel) -> "Bridge":
        """The bridge from `level` (``s > 0``) down to `target` (``a' > 0``)."""
        ratio = level.a / target.a
        fraction = (target.s / level.s) ** 2
        added = max(level.s**2 - (ratio * target.s) ** 2, 0.0)
        return cls(clean=target.a * added / level.s**2, noisy=ratio * fraction, std=(added * fraction) ** 0.5)

    def mean(self, z0: Tensor, z: Tensor) -> Tensor:
        """``clean z0 + noisy z``."""
        return torch.add(self.noisy * z, z0, alpha=self.clean)

    def sample(self, z0: Tensor, z: Tensor, rng: Randomness) -> Tensor:
        """One draw; at the clean end it is ``z0`` and draws nothing."""
        mean = self.mean(z0, z)
        return torch.add(mean, rng.normal(z), alpha=self.std) if self.std > 0 else mean
