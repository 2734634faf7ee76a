"""`Conditional`: a law of the clean latent that can be sampled."""

import abc

from invsolve.randomness import Randomness
from invsolve.video.axes import Latent


class Conditional(abc.ABC):
    """The law ``p(z0 | z_t, y)`` of a clean latent, for each batch item on its own; drawing raises nothing."""

    @property
    @abc.abstractmethod
    def mean(self) -> Latent:
        """``E[z0 | z_t, y]``, ``b zc zt zh zw``."""

    @abc.abstractmethod
    def sample(self, rng: Randomness) -> Latent:
        """One exact draw for each batch item, in the shape of `mean`; affine in ``rng.normal`` for a Gaussian law.

        Args:
            rng: the only source of random numbers, one stream for each batch item.
        """
