"""Saturation of a sensor: light below 0 and above 1."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

Clip = Literal["hard", "soft", "none"]


def saturate(light: Tensor, clip: Clip, softness: float) -> Tensor:
    """Light limited to [0, 1].

    - ``hard``: ``min(max(light, 0), 1)``;
    - ``soft``: ``d log((1 + exp(light / d)) / (1 + exp((light - 1) / d)))`` with ``d = softness``: smooth, strictly
      increasing, within ``d log 2`` of ``hard``;
    - ``none``: unchanged.
    """
    if clip == "hard":
        return light.clamp(0, 1)
    if clip == "soft":
        return softness * (
            F.softplus(light / softness, threshold=50) - F.softplus((light - 1) / softness, threshold=50)
        )
    return light
