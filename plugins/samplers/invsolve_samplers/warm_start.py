"""Where a late start begins: the noised pseudo-inverse."""

from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel


def noised_pseudo_inverse(problem: Problem, level: NoiseLevel, rng: Randomness) -> Tensor:
    """``a E(A^+ y) + s n``: the smallest video that explains the observation, with the noise of `level` added.

    Raises `CapabilityError` where the operator is not linear.

    **Source:** Chung, Sim and Ye 2022, algorithm 1 (starting from a noised initial estimate); with ``A^+ y`` as in
    Zhu et al. 2023, section 4.
    """
    known = problem.encode(problem.linear.pseudo_inverse(problem.observation))
    return level.a * known + level.s * rng.normal(known)
