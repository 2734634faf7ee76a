"""Change of light: values of one transfer curve as values of another."""

from jaxtyping import Float
from torch import Tensor

from invsolve.video.curve import named_curve


def in_transfer(video: Float[Tensor, "*axes"], transfer: str, wanted: str) -> Float[Tensor, "*axes"]:
    """Values of `transfer` in the light `wanted`, clipped to [0, 1] where the two differ.

    Both are names of a `VideoSpace`: ``linear``, ``srgb``, ``gamma:<g>``, ``hlg``, ``pq`` or ``unknown``, which leaves
    the video as it is.
    """
    if transfer == wanted or "unknown" in (transfer, wanted):
        return video
    return named_curve(wanted).encode(named_curve(transfer).decode(video.clamp(0, 1)))
