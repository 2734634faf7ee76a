"""Langevin dynamics of a clean latent around a centre, under the likelihood through decoder and operator."""

from typing import Final

import torch
from torch import Tensor

from invsolve.guidance import lengths
from invsolve.problem import Problem
from invsolve.randomness import Randomness

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
    likelihood at the centre, of each trajectory on its own; ``h`` falls linearly to `final` times its first value.
    Constant, it would leave a direction of curvature ``l`` with the variance ``1 / (l - h l^2 / 2)`` instead of
    ``1 / l``.
    """
    curvature = 1 / variance + likelihood_curvature(problem, centre)
    z = start
    for i in range(iterations):
        left = 1 - (1 - final) * i / max(iterations - 1, 1)
        length = step_size * left / curvature
        uphill = _likelihood_gradient(problem, z) - (z - centre) / variance
        z = z + length * uphill + (2 * length).sqrt() * rng.normal(z)
    return z


def likelihood_curvature(problem: Problem, z0: Tensor) -> Tensor:
    """The largest curvature of ``log p(y | A(D(z0)))`` at ``z0``, shape ``b 1 1 1 1``.

    Power iteration with differences of gradients, from a fixed probe; exact for one observed direction.
    """
    generator = torch.Generator().manual_seed(0)
    probe = torch.randn(z0.shape[1:], generator=generator, dtype=torch.float64).to(z0).expand_as(z0)
    here = _likelihood_gradient(problem, z0)
    found = z0.new_zeros(len(z0), 1, 1, 1, 1)
    unit = z0[0].numel() ** 0.5
    for _ in range(PROBES):
        moved = SHIFT * unit / lengths(probe) * probe
        probe = here - _likelihood_gradient(problem, z0 + moved)
        found = lengths(probe) / (SHIFT * unit)
    return found


def _likelihood_gradient(problem: Problem, z0: Tensor) -> Tensor:
    return problem.pull_back_decoder(z0, problem.likelihood_cotangent)[0]
