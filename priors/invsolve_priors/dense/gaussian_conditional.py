"""`GaussianConditional`: a normal law of the latent, by a symmetric root of its covariance."""

from typing import final

import attrs
from torch import Tensor

from invsolve.prior.conditional import Conditional
from invsolve.randomness import Randomness


@final
@attrs.frozen(eq=False)
class GaussianConditional(Conditional):
    """``z0 ~ N(mean, V diag(stds)^2 V^T)`` over the flattened elements of a latent.

    Attributes:
        mean: ``b c t h w``.
        vectors: ``V``, orthonormal columns, ``d d`` with ``d = c t h w``.
        stds: ``d``, at least 0; the covariance is the same for the whole batch.
    """

    mean: Tensor = attrs.field()
    vectors: Tensor
    stds: Tensor

    @property
    def covariance(self) -> Tensor:
        """``d d``, over the flattened elements."""
        return (self.vectors * self.stds.square()) @ self.vectors.T

    def sample(self, rng: Randomness) -> Tensor:
        """``mean + covariance^(1/2) n`` with one standard normal ``n`` of the shape of the mean."""
        return self.at(rng.normal(self.mean))

    def at(self, normal: Tensor) -> Tensor:
        """The draw that belongs to the standard normal numbers `normal`; affine in them."""
        coloured = ((normal.flatten(1) @ self.vectors) * self.stds) @ self.vectors.T
        return self.mean + coloured.reshape(self.mean.shape)
