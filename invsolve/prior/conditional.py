"""`Conditional`: a law of the clean latent that can be sampled."""

import abc

from torch import Tensor

from invsolve.randomness import Randomness


class Conditional(abc.ABC):
    """The law ``p(z0 | z_t, y)`` of a clean latent, for each batch item on its own."""

    @property
    @abc.abstractmethod
    def mean(self) -> Tensor:
        """``E[z0 | z_t, y]``, shape ``b ...`` of the latents."""

    @abc.abstractmethod
    def sample(self, rng: Randomness) -> Tensor:
        """One exact draw for each batch item; affine in ``rng.normal`` where the law is Gaussian."""
