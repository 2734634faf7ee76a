"""Values as a screen shows them."""

from typing import Final

from jaxtyping import Float
from torch import Tensor

from invsolve.video.transfer import in_transfer

REFERENCE_WHITE: Final = {"hlg": 0.26496256, "pq": 203 / 10000}
"""Linear light of white paper, where 1 is the brightest that the transfer holds."""


def for_display(video: Float[Tensor, "*axes"], transfer: str) -> Float[Tensor, "*axes"]:
    """Encode values of any transfer for a screen (sRGB), clipped to [0, 1]; ``srgb`` and ``unknown`` stay as they are.

    The curve is that of `in_transfer`. In HDR video white paper is not 1 but 75 % of ``hlg`` and 203 cd/m^2 of ``pq``:
    that becomes 1, and what is brighter is clipped.

    References:
        ITU-R BT.2408-7, table 1, for the reference white.
    """
    if transfer in REFERENCE_WHITE:
        linear = in_transfer(video, transfer, "linear") / REFERENCE_WHITE[transfer]
        return in_transfer(linear, "linear", "srgb")
    return in_transfer(video.clamp(0, 1), transfer, "srgb")
