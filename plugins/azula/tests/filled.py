"""Parameters by a formula, so that other software can be given the same."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


def filled(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """``cos(0.37 k + i)`` for value ``k`` of the ``i``-th name, scaled by the fan-in; vectors around 1."""
    made = {}
    for i, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        if name.endswith("resample_filter"):
            continue
        count = math.prod(shape)
        value = torch.cos(torch.arange(count, dtype=torch.float64) * 0.37 + i)
        value = value * (2 * shape[0] / count) ** 0.5 if len(shape) > 1 else 1 + 0.3 * value
        made[name] = value.reshape(shape).float()
    return made
