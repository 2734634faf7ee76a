"""Langevin dynamics of a clean latent around a centre, under the likelihood through decoder and operator."""

from typing import Final

import torch
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import lengths

PROBES: Final = 8  # power iterations
SHIFT: Final = 1e-2  # of a unit latent, between the two gradients of a difference
FINAL: Final = 0.01  # of the first step length, what is left of it at the last step


def langevin(
    problem: Problem,
    centre: Tensor,
    variance: float,
    start: Tensor,
    rng: Randomness,
    *,
    iterations: int,
    step_size: float,
    final: float = FINAL,
) -> Tensor:
    """A chain towards ``p(z0) ~ N(z0; centre, variance I) p(y | A(D(z0)))`` under the problem's own noise.

    ``z0 + h grad log p + sqrt(2 h) n`` with ``h = step_size / (1 / variance + c)``, where ``c`` is the curvature of the
    likelihood: that at `start`, or a larger one that the chain meets; each trajectory has its own. ``h`` falls linearly
    to `final` times its first value. Constant, it would leave a direction of curvature ``l`` with the variance
    ``1 / (l - h l^2 / 2)`` instead of ``1 / l``.
    """
    z, uphill = start, _likelihood_gradient(problem, start)
    curvature = likelihood_curvature(problem, start)
    for i in range(iterations):
        decay = 1 - (1 - final) * i / max(iterations - 1, 1)
        length = step_size * decay / (1 / variance + curvature)
        moved = z + length * (uphill - (z - centre) / variance) + (2 * length).sqrt() * rng.normal(z)
        ahead = _likelihood_gradient(problem, moved)
        curvature = torch.maximum(curvature, _secant(moved - z, ahead - uphill))
        z, uphill = moved, ahead
    return z


def likelihood_curvature(problem: Problem, z0: Tensor) -> Tensor:
    """The largest curvature of ``log p(y | A(D(z0)))`` at ``z0``, shape ``b 1 1 1 1``.

    Power iteration with differences of gradients, from a fixed probe; exact for one observed direction.
    """
    generator = torch.Generator().manual_seed(0)
    probe = torch.randn(z0.shape[1:], generator=generator, dtype=torch.float64).to(z0).expand_as(z0)
    here = _likelihood_gradient(problem, z0)
    curvature = z0.new_zeros(len(z0), 1, 1, 1, 1)
    for _ in range(PROBES):
        shift = SHIFT * z0[0].numel() ** 0.5 / lengths(probe) * probe
        probe = _likelihood_gradient(problem, z0 + shift) - here
        curvature = _secant(shift, probe)
    return curvature


def _secant(moved: Tensor, changed: Tensor) -> Tensor:
    """``||g' - g|| / ||z' - z||``; 0 for moves that are too short to tell."""
    far = lengths(moved) > 0.01 * SHIFT * moved[0].numel() ** 0.5
    return torch.where(far, lengths(changed) / lengths(moved), 0.0)


def _likelihood_gradient(problem: Problem, z0: Tensor) -> Tensor:
    trace = problem.trace_decoder(z0)
    return trace.pull(problem.log_likelihood_gradient(trace.video))
