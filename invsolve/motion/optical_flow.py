"""Abstract `Flow`: how pictures of one scene move into each other."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.parts import Part


class Flow(Part):
    """A way to find the optical flow between two pictures.

    An optical flow ``f`` from `first` to `second` has ``first[p] ~ second[p + f(p)]``: displacements along
    ``(h, w)`` [pixels], positive down and to the right. It is the same for a pair alone and in any batch, and
    draws nothing at random.
    """

    @abc.abstractmethod
    def between(
        self, first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
    ) -> tuple[Float[Tensor, "b 2 h w"], Float[Tensor, "b 2 h w"]]:
        """The flows of `first` to `second` and of `second` to `first`.

        Pictures hold display-encoded values near [0, 1]. Flows come in their dtype and on their device. Raises
        `CapabilityError` where a library is missing, `ReadError` and `SpaceError` for stored flows that are missing or
        do not fit.
        """
