"""`Quantise`: values become whole numbers of levels."""

from typing import Final, Literal, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.operator import Operator
from invsolve.validators import literal, whole
from invsolve.video.space import VideoSpace

Rounding = Literal["trunc", "round", "none"]
Gradient = Literal["straight_through", "true"]

ROUNDINGS: Final = 32  # the mean of equal values, there and back through a power, must give the value again


@final
@attrs.frozen
class Quantise(Operator):
    """``y = floor(L x) / L`` or ``round(L x) / L`` with ``L = 2^bits - 1``, limited to [0, 1].

    The error is at most a level; of values spread evenly its std is ``1 / (L sqrt 12)``, 0.0011 at 8 bits.

    Attributes:
        bits: per channel and pixel, 1 to 16.
        mode: ``trunc`` drops the fraction, as converting to an integer type does (a bias of half a level); what lies
            below a level by rounding alone (32 units in the last place of 1) counts as that level. ``round`` goes to
            the nearest level, half to even; ``none`` only limits to [0, 1].
        gradient: ``straight_through`` passes gradients as if only the limits were there; ``true`` is 0, as it is almost
            everywhere.

    References:
        Bengio, Leonard and Courville 2013, section 4, for the straight-through gradient.

    Examples:
        ```python
        Quantise(bits=8, mode="trunc")
        ```

        ```yaml
        operator:
          - {use: camera_response, curve: srgb}
          - {use: quantise, bits: 8, mode: round}
        ```
    """

    bits: int = attrs.field(default=8, validator=whole(least=1, most=16))
    mode: Rounding = attrs.field(default="trunc", validator=literal(Rounding))
    gradient: Gradient = attrs.field(default="straight_through", validator=literal(Gradient))

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The level below, or the nearest one."""
        limited = x.clamp(0, 1)
        if self.mode == "none":
            return limited
        levels: int = 2**self.bits - 1
        steps = limited * levels
        rounding = ROUNDINGS * torch.finfo(x.dtype).eps * levels
        whole_steps = torch.floor(steps + rounding) if self.mode == "trunc" else torch.round(steps)
        if self.gradient == "true":
            return whole_steps / levels
        # Exactly the levels in value, exactly the limits in gradient: the second term is 0.
        return (whole_steps / levels).detach() + (limited - limited.detach())

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        return space
