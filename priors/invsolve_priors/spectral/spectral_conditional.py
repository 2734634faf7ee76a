"""`SpectralConditional`: the law of a stationary Gaussian latent given a noisy one and an observation."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.prior.conditional import Conditional
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel
from invsolve_priors.spectral.eigenvalues import Eigenvalues
from invsolve_priors.spectral.observation_gain import ObservationGain


@final
@attrs.frozen(eq=False)
class FilteredConditional(Conditional):
    """``z0 ~ N(mean, s^2 C (a^2 C + s^2 I)^-1)``: white noise, filtered.

    Attributes:
        mean: ``b c t h w``.
        prior: ``C`` on the half of the frequencies.
    """

    mean: Tensor = attrs.field()
    prior: Eigenvalues
    level: NoiseLevel

    def sample(self, rng: Randomness) -> Tensor:
        """``mean + Cov^(1/2) n`` with one draw of the shape of the mean."""
        root = self.prior.remaining(self.level).map(torch.sqrt)
        return self.mean + root.apply(rng.normal(self.mean))


@final
@attrs.frozen(eq=False)
class SpectralConditional(Conditional):
    """``std z0 ~ N(std mean, (I - K A) C)``, drawn by correcting a draw without the observation.

    With ``e ~ N(0, C)``, ``e - K (A e + sigma n)`` has the covariance ``C - K A C``.

    Attributes:
        mean: of the latent, ``b c t h w``.
        std: pixels are ``std z0`` plus a constant.
        covariance: ``C`` of the pixels without the observation, over all frequencies.
        gain: ``K``.
        operator: ``A``.
        observation: gives the shape and dtype of ``n``.
        noise_std: ``sigma``.

    References:
        Hoffman and Ribak 1991, eq. 3; Papandreou and Yuille 2010, section 3.
    """

    mean: Tensor = attrs.field()
    std: float
    covariance: Eigenvalues
    gain: ObservationGain
    operator: LinearOperator
    observation: Tensor
    noise_std: float

    def sample(self, rng: Randomness) -> Tensor:
        """Two draws: one of the shape of the latent, one of the shape of the observation."""
        error = self.covariance.map(torch.sqrt).half(self.mean).apply(rng.normal(self.mean))
        noise = self.noise_std * rng.normal(self.observation)
        missed = self.gain.correct(self.operator.forward(error) + noise)
        return self.mean + (error - missed) / self.std
