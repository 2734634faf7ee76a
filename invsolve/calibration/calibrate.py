"""`calibrate`: simulation-based calibration of a sampler on a problem."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from invsolve.calibration.calibration import Calibration
from invsolve.calibration.quantities import Quantities
from invsolve.calibration.ranks import ranks
from invsolve.calibration.simulation import Simulation
from invsolve.calibration.uniformity import bins_for
from invsolve.errors import RunFailed
from invsolve.problem import Problem
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler
from invsolve.sampler.fit import check_fit
from invsolve.solving.loop import solve
from invsolve.validators import whole_number

ASIDE: Final = 2**30  # the number of the draws that choose directions; no study has as many
MOST_DRAWS: Final = 50
MOST_VALUES: Final = 2**24  # of all samples that are in memory at a time


def calibrate(
    problem: Problem, sampler: Sampler[Any], *, seed: int, draws: int = 200, samples: int = 31, chunk: int | None = None
) -> Calibration:
    """Simulation-based calibration: `draws` times draw a truth and its observation, sample, and rank the truth.

    ``x ~ p(x)``, ``y ~ p(y | A(x))``, ``x_1 .. x_L ~ q(x | y)``: if ``q`` is the posterior, the truth is one more draw
    of the same law as the samples, and its rank among them in any quantity is even on ``0 .. L``. The observation of
    `problem` is not looked at.

    Args:
        seed: draw ``i`` is the same whatever the number of draws.
        samples: ``L``; ``L + 1`` must divide into 4 to 20 bins: 15, 19, 31, 63.
        chunk: at most this many trajectories at a time.

    Raises:
        ComponentError: for too few draws to fill the bins.
        CapabilityError: where the sampler needs what the problem lacks or the prior cannot be drawn from.
        RunFailed: where a run ends in NaN or diverges.

    References:
        Talts, Betancourt, Simpson, Vehtari and Gelman 2018, algorithm 1; Cook, Gelman and Rubin 2006.

    Examples:
        ```python
        calibrate(problem, Diffusion(kernel=HeunKernel(), guidance=ExactGuidance()), seed=0, draws=500).verdict
        ```
    """
    check_counts(draws, samples)
    simulation, quantities = prepare(problem, sampler, seed, samples)
    blocks = list(rank_blocks(simulation, quantities, range(draws), samples, chunk))
    return Calibration(quantities.names, np.concatenate(blocks), samples, simulation.exact)


def check_counts(draws: int, samples: int) -> None:
    """Raise `ComponentError` unless so many draws fill the bins of so many samples."""
    bins_for(whole_number("draws", draws, least=1), whole_number("samples", samples, least=1))


def prepare(problem: Problem, sampler: Sampler[Any], seed: int, samples: int) -> tuple[Simulation, Quantities]:
    """Check that the parts fit, and choose what to look at."""
    seed = whole_number("seed", seed, least=0)
    check_fit(sampler, problem)
    simulation = Simulation(problem, sampler, seed)
    return simulation, Quantities.of(simulation, ASIDE, samples)


def draws_together(simulation: Simulation, samples: int) -> int:
    """How many draws are solved at a time: as many as memory should hold."""
    size = max(simulation.problem.space.shape, simulation.problem.latent_shape, key=np.prod)
    return int(min(MOST_DRAWS, max(1, MOST_VALUES // (samples * int(np.prod(size))))))


def rank_blocks(
    simulation: Simulation, quantities: Quantities, draws: range, samples: int, chunk: int | None = None
) -> Iterator[NDArray[np.int64]]:
    """The ranks ``draws quantities`` of some draws, block after block of `draws_together`."""
    together = draws_together(simulation, samples)
    for start in range(draws.start, draws.stop, together):
        numbers = range(start, min(draws.stop, start + together))
        yield _ranked(simulation, quantities, numbers, samples, chunk)


def _ranked(
    simulation: Simulation, quantities: Quantities, numbers: range, samples: int, chunk: int | None
) -> NDArray[np.int64]:
    truth, problem = simulation.draw(numbers, samples)
    try:
        solution = solve(
            problem, simulation.sampler, seed=simulation.seed, samples=samples, observations=numbers, chunk=chunk
        )
    except RunFailed as error:
        raise RunFailed(f"among draws {numbers.start} to {numbers.stop - 1}: {error}", error.solution) from error
    true = quantities.evaluate(problem, truth)
    found = torch.stack([quantities.evaluate(problem, video) for video in solution.video])
    rng = SeededRandomness(simulation.seed, tuple((n, 0) for n in numbers), purpose="calibration ties")
    ranked: NDArray[np.int64] = ranks(true, found, rng).cpu().numpy()
    return ranked
