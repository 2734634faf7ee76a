"""The probability-flow ODE from a noise level of a run down to the clean one, in a few Euler steps."""

from itertools import pairwise

import numpy as np
from torch import Tensor

from invsolve.problem import Problem
from invsolve.schedule import NoiseLevel


def probability_flow(problem: Problem, z: Tensor, path: tuple[NoiseLevel, ...], steps: int) -> Tensor:
    """The end of the probability flow from ``z`` on ``path[0]``: a draw of the prior, if ``z`` is a noisy draw.

    Each step is ``z' = a' z0 + s' eps``, Euler in ``s / a``. It visits at most `steps` levels of `path`, evenly spaced
    in it, the last noisy one among them (where there are two or more); the end of `path` is clean.

    References:
        Song, Meng and Ermon 2021, eq. 13.
    """
    for here, there in pairwise(nodes(len(path) - 1, steps)):
        level, target = path[here], path[there]
        prediction = problem.predict(z, level)
        z = target.a * prediction.z0 + target.s * prediction.eps
    return z


def nodes(noisy: int, steps: int) -> list[int]:
    """At most `steps` of the indices ``0 .. noisy - 1``, evenly spaced, the first and the last among them; `noisy`."""
    return [*(int(i) for i in np.round(np.linspace(0, noisy - 1, min(steps, noisy)))), noisy]
