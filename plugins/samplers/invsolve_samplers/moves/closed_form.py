"""The exact draw of a clean latent around a centre, given a linear observation with Gaussian noise."""

import math

import torch
from torch import Tensor

from invsolve.operator.norms import inner
from invsolve.problem import Problem
from invsolve.randomness import Randomness


def closed_form_draw(problem: Problem, centre: Tensor, variance: float, gain: float, rng: Randomness) -> Tensor:
    """One draw of ``N(Q (centre / r2 + B^T (y - A c) / std^2), Q)``, ``Q = (I / r2 + B^T B / std^2)^-1``, ``B = g A``.

    The decoder is ``D(z0) = g z0 + c`` with ``g = gain``, and ``r2 = variance``. Perturb, then optimise: the proximal
    step from ``centre + r n`` towards ``y + std n'`` is such a draw.

    References:
        Papandreou and Yuille 2010, section 3.
    """
    perturbed = centre + math.sqrt(variance) * rng.normal(centre)
    video = problem.decode(perturbed)
    observed = problem.observation + problem.noise_std * rng.normal(problem.observation)
    nearer = problem.linear.prox(video, observed, variance * gain**2, problem.noise_std**2)
    return perturbed + (nearer - video) / gain


def decoder_scale(problem: Problem) -> float | None:
    """``g`` where the decoder is ``D(z) = g z + c`` with a constant video ``c``; None for every other decoder."""
    if problem.latent_shape != problem.space.shape:
        return None
    like = problem.observation.new_empty(1, *problem.latent_shape)
    probe = torch.randn(like.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(like)
    moved = problem.decode(probe) - problem.decode(torch.zeros_like(probe))
    gain = float(inner(moved, probe) / inner(probe, probe))
    rounding = 1e-10 if like.dtype == torch.float64 else 1e-4
    scales = gain != 0 and float((moved - gain * probe).norm()) <= rounding * float(moved.norm())
    return gain if scales else None
