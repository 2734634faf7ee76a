"""Resampling of weighted particles; each row of a tensor ``b k`` is a population of its own."""

import math

import torch
from torch import Tensor


def normalised(log_weights: Tensor) -> Tensor:
    """Weights that sum to 1 in each population."""
    return log_weights.softmax(1)


def log_mean(log_weights: Tensor) -> Tensor:
    """``log (1/k) sum_i w_i`` of each population, shape (b,)."""
    return log_weights.logsumexp(1) - math.log(log_weights.shape[1])


def effective_size(weights: Tensor) -> Tensor:
    """``1 / sum_i w_i^2`` of normalised weights: from 1, one particle counts, to ``k``, all count alike; shape (b,)."""
    return weights.square().sum(1).reciprocal()


def systematic(weights: Tensor, uniform: Tensor) -> Tensor:
    """The ancestor of each particle, ``b k``.

    Particle ``i`` has ``floor(k w_i)`` or one more offspring, ``k w_i`` on average.

    Args:
        weights: ``b k``, normalised.
        uniform: ``b 1``, one number in [0, 1) for each population.

    References:
        Kitagawa 1996, section 3; Douc, Cappe and Moulines 2005, section 2.4.
    """
    count = weights.shape[1]
    places = (torch.arange(count, dtype=weights.dtype, device=weights.device) + uniform) / count
    return _first_above(weights, places)


def draw(weights: Tensor, uniform: Tensor) -> Tensor:
    """One particle of each population by its weight, shape (b,); `uniform` as for `systematic`."""
    return _first_above(weights, uniform)[:, 0]


def _first_above(weights: Tensor, places: Tensor) -> Tensor:
    # Rounding may leave the last sum below 1; a particle without weight is never chosen before it.
    return torch.searchsorted(weights.cumsum(1), places.contiguous(), right=True).clamp_max(weights.shape[1] - 1)


def pick(values: Tensor, indices: Tensor) -> Tensor:
    """``values[b, indices[b, j]]`` of ``b k ...``: the particles `indices` of each population."""
    rows = torch.arange(len(values), device=values.device)[:, None]
    return values[rows, indices]
