"""Abstract `Flow`: how pictures of one scene move into each other."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.parts import Part
from invsolve.returned import check_tensor, refuse
from invsolve.validators import shown


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

        Pictures hold display-encoded values near [0, 1]. Flows come in their dtype and on their device.

        Raises:
            CapabilityError: where a library is missing.
            ReadError: for stored flows that are missing or do not fit.
            SpaceError: for stored flows that are missing or do not fit.
        """


def flows_between(
    flow: Flow, first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
) -> tuple[Float[Tensor, "b 2 h w"], Float[Tensor, "b 2 h w"]]:
    """``flow.between(first, second)``; raises `BrokenPlugin` where those are no two flows of these pictures."""
    found: object = flow.between(first, second)
    if not (isinstance(found, tuple) and len(found) == 2):
        refuse(flow, "between", shown(found), "two flows, forth and back")
    b, _, h, w = first.shape
    for name, each in zip(("the first of ", "the second of "), found, strict=True):
        check_tensor(flow, "between", each, (b, 2, h, w), first.dtype, name)
    return found[0], found[1]
