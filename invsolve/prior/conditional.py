"""`Conditional`: a law of the clean latent that can be sampled."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.randomness import Randomness


class Conditional(abc.ABC):
    """The law ``p(z0 | z_t, y)`` of a clean latent, for each batch item on its own; drawing raises nothing."""

    @property
    @abc.abstractmethod
    def mean(self) -> Float[Tensor, "b c t h w"]:
        """``E[z0 | z_t, y]``, one latent for each batch item."""

    @abc.abstractmethod
    def sample(self, rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """One exact draw for each batch item; affine in ``rng.normal`` where the law is Gaussian."""
