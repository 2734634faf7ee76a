"""`walk`: a sampler from its first draw to its last step, with the keys of its randomness."""

from collections.abc import Iterator
from typing import Any, Final

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.returned import check_record, check_state, refuse
from invsolve.sampler.guidance import Info
from invsolve.sampler.sampler import Sampler
from invsolve.validators import shown

INIT: Final = 2**32 - 1  # the step key of the first draw: the one before 0, which is that of the first step
KEYS: Final = 2**32


def first_state(sampler: Sampler[Any], problem: Problem, rng: Randomness, key: int = INIT) -> Any:
    """The state before the first step.

    Args:
        rng: one row for each of the problem's observations.
        key: the step key of this draw; step ``i`` of the `walk` has ``key + 1 + i`` (modulo ``2**32``).
    """
    return sampler.init(problem, rng.at(key))


def walk(
    sampler: Sampler[Any], problem: Problem, rng: Randomness, state: Any, *, first: int = 0, key: int = INIT
) -> Iterator[tuple[Any, Info]]:
    """The state after each step, and what the step recorded.

    Args:
        state: the state before step ``first``.
        key: the step key of the first draw; see `first_state`.
    """
    for i in range(first, sampler.steps):
        stepped: object = sampler.step(problem, state, i, rng.at((key + 1 + i) % KEYS))
        if not (isinstance(stepped, tuple) and len(stepped) == 2):
            refuse(sampler, "step", shown(stepped), "a tuple (state, record)")
        before, (state, info) = state, stepped
        check_state(sampler, "step", before, state)
        check_record(sampler, "step", info, problem.count)
        yield state, info


def last_state(sampler: Sampler[Any], problem: Problem, rng: Randomness, key: int = INIT) -> Any:
    """The state after the last step, from the first draw on."""
    state = first_state(sampler, problem, rng, key)
    for later, _ in walk(sampler, problem, rng, state, key=key):
        state = later
    return state
