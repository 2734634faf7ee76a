"""Abstract `ResidualPrior`: a prior that models what its decoder leaves out."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.prior.prior import Prior


class ResidualPrior(Prior):
    """``x = D(z) + R u`` with ``u ~ N(0, I)`` independent of ``z`` and ``R`` linear: what ``D`` cannot draw.

    The latent of this prior holds ``z`` and ``u``. `latent_shape` raises `SpaceError` where it cannot hold both; the
    methods here raise nothing for latents of that shape.

    Attributes:
        prior: the law of ``z``, with the decoder ``D``.
    """

    prior: Prior

    @abc.abstractmethod
    def parted(self, latent: Float[Tensor, "b c t h w"]) -> tuple[Float[Tensor, "b zc zt zh zw"], Tensor]:
        """``z`` and ``u`` of a latent; ``u`` is ``b ...``, in the shape that `added` takes."""

    @abc.abstractmethod
    def joined(self, z: Float[Tensor, "b zc zt zh zw"], u: Tensor) -> Float[Tensor, "b c t h w"]:
        """The latent of ``z`` and ``u``, the inverse of `parted`."""

    @abc.abstractmethod
    def added(self, video: Float[Tensor, "b c t h w"], u: Tensor) -> Float[Tensor, "b c t h w"]:
        """``video + R u``, differentiable."""
