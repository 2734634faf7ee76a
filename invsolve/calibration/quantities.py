"""`Quantities`: the numbers whose ranks are looked at."""

from typing import Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.calibration.simulation import Simulation
from invsolve.operator import LinearOperator
from invsolve.problem import Problem

PLACES: Final = 3
LEAST_PART: Final = 1e-3  # of a direction: less is rounding, not something that the operator does (not) see
LIKELIHOOD: Final = "log-likelihood"


@final
@attrs.frozen(eq=False)
class Quantities:
    """Functions of a video and its observation: some linear in the video, and the log-likelihood of the observation.

    The log-likelihood sees what no function of the video alone does: samples that ignore the observation have
    perfectly uniform ranks in all of those.

    Attributes:
        linear: the names of the linear ones.
        functionals: ``q c t h w``, what a video is multiplied by and summed.

    References:
        Talts et al. 2018 for ranks; Modrák et al. 2023 for the log-likelihood.
    """

    linear: tuple[str, ...]
    functionals: Float[Tensor, "q c t h w"]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all quantities."""
        return (*self.linear, LIKELIHOOD)

    @classmethod
    def of(cls, simulation: Simulation, number: int, sample: int) -> "Quantities":
        """The mean, values at three places, and projections on what the operator sees and on what it does not.

        The directions come from the difference ``d`` of two draws of the prior, so that they lie where videos vary:
        ``A^T A d`` is observed, ``d`` less its best linear estimate from a noisy ``A d`` is not. For an operator that
        is not linear, the transposed Jacobian at one of the draws stands for ``A^T``, and there is no unobserved one.

        - ``number``, ``number + 1``: draws that are not among those ranked.
        """
        (first, second), problem = simulation.draw((number, number + 1), sample)
        difference = (second - first)[None]
        mean = torch.full_like(difference, 1 / difference.numel())
        functionals = {"mean brightness": mean} | _values(difference)
        functionals |= _directions(problem.select([0]), first[None], difference)
        return cls(tuple(functionals), torch.cat(list(functionals.values())))

    def evaluate(self, problem: Problem, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b q"]:
        """All quantities of each video with the observation of the same row, in float64."""
        with torch.no_grad():
            projected = torch.einsum("bcthw,qcthw->bq", video.double(), self.functionals.double())
            mean = problem.operator.forward(video).double()
            loss = problem.noise.negative_log_likelihood(problem.observation.double(), mean)
        return torch.cat([projected, -loss[:, None]], dim=1)


def _values(like: Tensor) -> dict[str, Tensor]:
    """Single values, spread over the video by multiples of the golden ratio."""
    _, *sizes = like.shape
    found = {}
    for k in range(PLACES):
        place = int((0.5 + k * 0.6180339887498949) % 1 * like.numel())
        one = torch.zeros_like(like).flatten()
        one[place] = 1.0
        c, t, h, w = (int(i) for i in np.unravel_index(place, sizes))
        found[f"value c{c} t{t} y{h} x{w}"] = one.reshape(like.shape)
    return found


def _directions(problem: Problem, at: Tensor, difference: Tensor) -> dict[str, Tensor]:
    operator = problem.operator
    with torch.no_grad():
        mean = operator.forward(at)
        seen = operator.forward(at + difference) - mean
    observed = problem.transposed_jacobian(at, seen)
    found = {"observed": observed}
    if isinstance(operator, LinearOperator):
        noise = float(problem.noise.standard_deviation(mean).square().mean())
        signal = float(difference.square().mean() / 2)
        found["unobserved"] = difference - operator.prox(torch.zeros_like(difference), seen, signal, noise)
    return {
        f"{name} direction": direction / direction.norm()
        for name, direction in found.items()
        if float(direction.norm()) > LEAST_PART * float(difference.norm())
    }
