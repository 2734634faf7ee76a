"""The start of a late run: the noised pseudo-inverse."""

import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import misfit
from invsolve.schedule import NoiseLevel
from invsolve_samplers.moves.adam import Moments

GREY = 0.5
MARGIN = 1 / 512  # a clipped response has a slope only inside the range
BETAS, RATE, DESCENTS = (0.9, 0.999), 0.02, 400  # 25 steps cross half the range


def noised_pseudo_inverse(problem: Problem, level: NoiseLevel, rng: Randomness) -> Tensor:
    """``a E(A^+ y) + s n``: the smallest video that explains the observation, with the noise of `level` added.

    For an operator that is not linear, ``A^+ y`` is where descent of ``||y - A(x)||^2`` from grey, inside [0, 1],
    reaches the noise: all that the observation does not tell apart stays equal.

    References:
        Chung, Sim and Ye 2022, algorithm 1 (starting from a noised initial estimate); with ``A^+ y`` as in Zhu et al.
        2023, section 4. What is done where there is no ``A^+`` is ours.
    """
    linear = isinstance(problem.operator, LinearOperator)
    known = problem.encode(problem.pseudo_inverse(problem.observation) if linear else _descended(problem))
    return level.a * known + level.s * rng.normal(known)


def _descended(problem: Problem) -> Tensor:
    """By Adam, each trajectory until its own misfit is that of the noise."""
    video = torch.full((problem.count, *problem.space.shape), GREY).to(problem.observation)
    moments = Moments.none(video)
    for _ in range(DESCENTS):
        with torch.no_grad():
            mean = problem.operator.forward(video)
            residual = problem.observation - mean
            running = misfit(residual) > misfit(problem.noise.standard_deviation(mean))
        if not bool(running.any()):
            break
        moments = moments.after(problem.squared_residual_gradient(video, residual), BETAS)
        moved = (video - RATE * moments.direction(BETAS)).clamp(MARGIN, 1 - MARGIN)
        video = torch.where(running.reshape(-1, 1, 1, 1, 1), moved, video)
    return video
