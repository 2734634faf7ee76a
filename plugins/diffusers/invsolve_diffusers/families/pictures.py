"""What models of pictures share: one frame, and networks that know no axis of time."""

from typing import Final

from torch import Tensor

from invsolve_diffusers.network.frame_rule import FrameRule

ONE: Final = FrameRule(most=1)


def without_time(z: Tensor) -> Tensor:
    """From ``b c 1 h w`` to ``b c h w``."""
    return z.squeeze(2)


def with_time(output: Tensor) -> Tensor:
    """From ``b c h w`` to ``b c 1 h w``."""
    return output.unsqueeze(2)
