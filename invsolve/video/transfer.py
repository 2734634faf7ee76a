"""Values from one light into another: `linear`, `srgb` and `gamma:<g>`."""

import torch
from jaxtyping import Float
from torch import Tensor


def in_transfer(video: Float[Tensor, "*axes"], transfer: str, wanted: str) -> Float[Tensor, "*axes"]:
    """Values of `transfer` in the light `wanted`, clipped to [0, 1] where the two differ.

    Linear light ``l`` is ``12.92 l`` up to 0.0031308 and ``1.055 l^(1/2.4) - 0.055`` above in sRGB, ``l^(1/g)`` in
    ``gamma:<g>``. ``unknown`` stays as it is.

    **Source:** IEC 61966-2-1.
    """
    if transfer == wanted or "unknown" in (transfer, wanted):
        return video
    return _encoded(_linear(video.clamp(0, 1), transfer), wanted)


def _linear(video: Tensor, transfer: str) -> Tensor:
    if transfer == "linear":
        return video
    if transfer == "srgb":
        return torch.where(video <= 0.04045, video / 12.92, ((video + 0.055) / 1.055) ** 2.4)
    return video ** float(transfer.removeprefix("gamma:"))


def _encoded(linear: Tensor, wanted: str) -> Tensor:
    if wanted == "linear":
        return linear
    if wanted == "srgb":
        return torch.where(
            linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(0.0031308) ** (1 / 2.4) - 0.055
        )
    return linear ** (1 / float(wanted.removeprefix("gamma:")))
