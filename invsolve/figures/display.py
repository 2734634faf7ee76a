"""Values as a screen shows them."""

from jaxtyping import Float
from torch import Tensor

from invsolve.video.transfer import in_transfer


def for_display(video: Float[Tensor, "*axes"], transfer: str) -> Float[Tensor, "*axes"]:
    """Encode values of any transfer for a screen (sRGB), clipped to [0, 1]; ``srgb`` and ``unknown`` stay as they are.

    The curve is that of `in_transfer`.
    """
    return in_transfer(video.clamp(0, 1), transfer, "srgb")
