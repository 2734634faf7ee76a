"""Values as a screen shows them."""

import torch
from jaxtyping import Float
from torch import Tensor


def for_display(video: Float[Tensor, "*axes"], transfer: str) -> Float[Tensor, "*axes"]:
    """Encode values of any transfer for a screen (sRGB), clipped to [0, 1]; ``srgb`` and ``unknown`` stay as they are.

    Linear light ``l`` becomes ``12.92 l`` up to 0.0031308 and ``1.055 l^(1/2.4) - 0.055`` above (IEC 61966-2-1).
    """
    video = video.clamp(0, 1)
    if transfer in ("srgb", "unknown"):
        return video
    linear = video if transfer == "linear" else video ** float(transfer.removeprefix("gamma:"))
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(0.0031308) ** (1 / 2.4) - 0.055)
