"""`SpectralConditional`: the law of a stationary Gaussian latent given a noisy one and an observation."""

from typing import final

import attrs
from torch import Tensor

from invsolve.conditional import Conditional
from invsolve.operator import LinearOperator
from invsolve.randomness import Randomness
from invsolve_priors.eigenvalues import Eigenvalues
from invsolve_priors.observation_gram import ObservationGram


@final
@attrs.frozen(eq=False)
class FilteredConditional(Conditional):
    """``z0 ~ N(mean, C)``: white noise, filtered.

    - ``root``: ``C^(1/2)`` on the half of the frequencies.
    """

    mean: Tensor = attrs.field()
    root: Eigenvalues

    def sample(self, rng: Randomness) -> Tensor:
        """``mean + C^(1/2) n``."""
        return self.mean + self.root.apply(rng.normal(self.mean))


@final
@attrs.frozen(eq=False)
class Observed:
    """``y = std A z0 + sigma n`` for a latent of covariance ``C``, and the gain that undoes it.

    - ``covariance``: ``C`` on the half of the frequencies, float64; ``gram``: of ``std A`` and ``C``.
    """

    operator: LinearOperator
    std: float
    noise_std: float
    covariance: Eigenvalues
    gram: ObservationGram

    def forward(self, z: Tensor) -> Tensor:
        """``std A z``."""
        return self.operator.forward(self.std * z)

    def correction(self, residual: Tensor) -> Tensor:
        """``K r`` with ``K = C std A^T (std^2 A C A^T + sigma^2 I)^-1``."""
        return self.covariance.apply(self.std * self.operator.adjoint(self.gram.solve(residual)))


@final
@attrs.frozen(eq=False)
class SpectralConditional(Conditional):
    """``z0 ~ N(mean, (I - K A) C)``, drawn by correcting a draw without the observation.

    With ``e ~ N(0, C)``, the draw ``mean + e - K (std A e + sigma n)`` has the covariance ``C - K std A C``.

    - ``mean``: ``b c t h w``; ``like_observation``: a tensor of the observation's shape.

    **Source:** Hoffman and Ribak 1991, eq. 3; Papandreou and Yuille 2010, section 3.
    """

    mean: Tensor = attrs.field()
    observed: Observed
    like_observation: Tensor

    def sample(self, rng: Randomness) -> Tensor:
        """Two draws: one of the shape of the latent, one of the shape of the observation."""
        error = self.observed.covariance.map(lambda values: values.sqrt()).apply(rng.normal(self.mean).double())
        noise = self.observed.noise_std * rng.normal(self.like_observation).double()
        drawn = self.mean + error - self.observed.correction(self.observed.forward(error) + noise)
        return drawn.to(self.mean)
