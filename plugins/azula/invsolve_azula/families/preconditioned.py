"""`preconditioned`: the clean estimate of a network around which EDM puts its scales."""

import math
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel

DATA: Final = 0.5  # standard deviation of pictures in [-1, 1]: Karras et al. 2022, table 1


def preconditioned(
    network: Any, z: Float[Tensor, "b c 1 h w"], level: NoiseLevel, std: float, labels: int, label: int | None
) -> Prediction:
    """``D(x) = c_skip x + c_out F(c_in x, log(sigma) / 4)`` at ``x = z / a``, ``sigma = s / a``.

    Args:
        std: of the data.
        labels: how many classes the network was told of; zeros stand for none.

    Raises:
        CapabilityError: where there is no signal, ``a = 0``.

    References:
        Karras, Aittala, Aila and Laine 2022, table 1, eq. 7.
    """
    if level.a == 0:
        raise CapabilityError("EDM's networks know pictures with noise, not noise alone (a = 0): use another schedule.")
    sigma, total = level.sbar, math.hypot(level.sbar, std)
    times = torch.full((len(z),), math.log(sigma) / 4, dtype=z.dtype, device=z.device)
    told = None
    if labels:
        told = torch.zeros(len(z), labels, dtype=z.dtype, device=z.device)
        if label is not None:
            told[:, label] = 1
    x = z / level.a
    output = network(x[:, :, 0] / total, times, told)[:, :, None]
    return Prediction.from_clean(z, (std / total) ** 2 * x + sigma * std / total * output, level)
