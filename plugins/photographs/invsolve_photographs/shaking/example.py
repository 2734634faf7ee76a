"""`Example`: a blurred patch, the frames behind it, and their motion."""

from typing import Final, final

import attrs
from jaxtyping import Float, UInt8
from torch import Tensor

FRAMES: Final = 7  # of an exposure, as in the GoPro data set


@final
@attrs.frozen(eq=False)
class Example:
    """What the network learns from, in 8 bits a value.

    Attributes:
        blurred: the photograph.
        frames: the sharp frames that it is the mean of in linear light, before whatever else happened to the
            photograph.
        motion: ``frame_t(x) = frame_3(x + motion_t(x))``, ``(down, right)`` [pixels] at a quarter of the size.
    """

    blurred: UInt8[Tensor, "3 h w"]
    frames: UInt8[Tensor, "t 3 h w"]
    motion: Float[Tensor, "2 t h4 w4"]
