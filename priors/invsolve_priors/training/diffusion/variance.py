"""The loss of a learned variance."""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.schedule import CLEAN, NoiseLevel

HYBRID: Final = 1e-3  # weight of the variational bound next to the error of the mean


def variance_loss(
    z0: Float[Tensor, "b c t h w"],
    found: Float[Tensor, "b c t h w"],
    fraction: Float[Tensor, "b c t h w"],
    levels: tuple[tuple[NoiseLevel, NoiseLevel], ...],
) -> Float[Tensor, " b"]:
    """Each clip's term of the variational bound, in nats a value, times ``0.001 T`` with ``T = 1000`` levels.

    With ``beta = 1 - (a / a')^2``, ``btilde = beta s'^2 / s^2`` and ``c = a' beta / s^2`` for the levels ``z -> z'``,

        KL( N(c z0 + .., btilde) || N(c z0hat + .., v) ),   log v = f log beta + (1 - f) log btilde

    and at the last level, where ``btilde = 0``, the negative log-likelihood of ``z0`` with ``beta / 2`` in its place.

    Args:
        found: the clean estimate; no gradient goes into it, so that the bound trains the variance alone.
        fraction: ``f``. ``levels``: for each clip its level and the next less noisy one.

    References:
        Nichol and Dhariwal 2021, eq. 15 and 16.
    """
    error = (z0 - found.detach()).square()
    terms = [_term(error[i], fraction[i], level, target) for i, (level, target) in enumerate(levels)]
    return HYBRID * 1000 * torch.stack(terms)


def _term(error: Tensor, fraction: Tensor, level: NoiseLevel, target: NoiseLevel) -> Tensor:
    beta = 1 - (level.a / target.a) ** 2
    gain = target.a * beta / level.s**2
    last = target == CLEAN
    # the logarithm of the true one does not exist at the last level
    smallest = beta * (0.5 if last else target.s**2 / level.s**2)
    log_variance = fraction * math.log(beta) + (1 - fraction) * math.log(smallest)
    misfit = gain**2 * error * torch.exp(-log_variance)
    if last:
        return 0.5 * (log_variance + math.log(2 * math.pi) + misfit).mean()
    kept = smallest * torch.exp(-log_variance)
    return 0.5 * (log_variance - math.log(smallest) + kept + misfit - 1).mean()
