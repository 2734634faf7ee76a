"""Affine probing: the exact law of a sampler's result, read off its code with injected noise, without Monte Carlo."""

from collections.abc import Mapping
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.walk import last_state

AFFINE: Final = 1e-8  # relative; what rounding may do over a thousand steps

Draw = tuple[int, int]  # (step key, number of the draw within the step)


@final
@attrs.frozen(eq=False)
class InjectedRandomness(Randomness):
    """Gives out chosen normal numbers instead of random ones.

    Attributes:
        draws: for a draw (step, number of the draw within the step) the tensor to give, dense or sparse; zeros for all
            others.
        sizes: is filled with how many elements one trajectory of each draw has, in the order in which they came.

    Raises:
        ComponentError: for uniform and Poisson draws: a sampler that makes them is not affine.
    """

    draws: Mapping[Draw, Tensor] = attrs.field(factory=dict)
    sizes: dict[Draw, int] = attrs.field(factory=dict)
    step: int = 0
    _drawn: list[int] = attrs.field(factory=lambda: [0], init=False, repr=False)

    def normal(self, like: Tensor) -> Tensor:
        """The chosen numbers of this draw."""
        draw = (self.step, self._drawn[0])
        self._drawn[0] += 1
        self.sizes[draw] = like[0].numel()
        chosen = self.draws.get(draw)
        return torch.zeros_like(like) if chosen is None else chosen.to_dense().reshape(like.shape).to(like)

    def uniform(self, like: Tensor) -> Tensor:
        """Refused."""
        raise ComponentError("a sampler that draws uniform numbers is not affine in normal noise.")

    def poisson(self, rate: Tensor) -> Tensor:
        """Refused."""
        raise ComponentError("a sampler that draws Poisson numbers is not affine in normal noise.")

    def at(self, step: int) -> "InjectedRandomness":
        """The numbers of another step, from its first draw on."""
        return attrs.evolve(self, step=step)


@final
@attrs.frozen(eq=False)
class AffineMap:
    """``z_0 = offset + matrix^T n`` with ``n`` all the standard normal numbers that a run draws, flattened.

    Attributes:
        offset: ``d`` numbers.
        matrix: one row for each number drawn, ``k d``.
    """

    offset: Tensor
    matrix: Tensor

    @property
    def mean(self) -> Tensor:
        """The exact mean of the samples, ``d``."""
        return self.offset

    @property
    def covariance(self) -> Tensor:
        """The exact covariance of the samples, ``d d``."""
        return self.matrix.T @ self.matrix


def affine_probe(problem: Problem, sampler: Sampler[Any], *, rows: int = 8192) -> AffineMap:
    """Run `sampler` once for each number it draws, with that number 1 and all others 0, in batches of `rows`.

    For a Gaussian prior and a rule that is linear in the residual, the result is affine in the noise, and this is the
    whole law of the samples. `problem` has one observation; compute in float64. One more run, with random numbers
    everywhere, checks that the map found explains it.

    Raises:
        ComponentError: for a problem with several observations and for a sampler that is not affine.
    """
    if problem.count != 1:
        raise ComponentError(f"probe one observation at a time, got {problem.count}.")
    counted = InjectedRandomness()
    offset = _run(problem, sampler, counted).flatten()
    places = [(draw, element) for draw, size in counted.sizes.items() for element in range(size)]
    matrix = [
        _run(problem.select([0] * len(part)), sampler, InjectedRandomness(_one_hot(part, counted.sizes))).flatten(1)
        for part in (places[start : start + rows] for start in range(0, len(places), rows))
    ]
    found = (
        AffineMap(offset, torch.cat(matrix) - offset) if matrix else AffineMap(offset, offset.new_zeros(0, len(offset)))
    )
    _check_affine(problem, sampler, found, counted.sizes)
    return found


def _check_affine(problem: Problem, sampler: Sampler[Any], found: AffineMap, sizes: Mapping[Draw, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    draws = {draw: torch.randn(1, size, generator=generator, dtype=torch.float64) for draw, size in sizes.items()}
    result = _run(problem, sampler, InjectedRandomness(draws)).flatten()
    noise = torch.cat([draw.flatten() for draw in draws.values()]) if draws else result.new_zeros(0)
    expected = found.offset + noise.to(result) @ found.matrix
    gap = float((result - expected).norm() / expected.norm())
    if not gap < AFFINE:
        raise ComponentError(
            f"{sampler} is not affine in its noise: a run with random numbers differs from the affine map by {gap:.2g} "
            "(relative). Test it by Monte Carlo, or probe it in float64 with a Gaussian prior and a linear operator."
        )


def _one_hot(part: list[tuple[Draw, int]], sizes: Mapping[Draw, int]) -> dict[Draw, Tensor]:
    """Row ``i`` of the batch has a one at the place ``part[i]``; sparse, since dense they would be large."""
    places: dict[Draw, list[tuple[int, int]]] = {}
    for row, (draw, element) in enumerate(part):
        places.setdefault(draw, []).append((row, element))
    return {
        draw: torch.sparse_coo_tensor(
            torch.tensor(ones).T,
            torch.ones(len(ones), dtype=torch.float64),
            (len(part), sizes[draw]),
            is_coalesced=True,
            check_invariants=False,
        )
        for draw, ones in places.items()
    }


def _run(problem: Problem, sampler: Sampler[Any], rng: InjectedRandomness) -> Tensor:
    return sampler.estimate(problem, last_state(sampler, problem, rng)).detach()
