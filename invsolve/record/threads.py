"""`threaded`: as many threads of torch as the work keeps busy."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

EACH: Final = 2**17
"""Values of all videos in flight for each thread: with fewer, threads wait for one another more than they work."""
BY_HAND: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables of the environment that torch has its number of threads from."""


def cores() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


def threads_for(values: int, processes: int = 1) -> int:
    """One thread for each 131,072 values, at least one, and no more than there are cores for each of `processes`.

    It depends on the work and the machine alone, never on how busy that is: rounding in torch depends on the number of
    threads, and what is begun again must go on with the same numbers.
    """
    return max(1, min(values // EACH, cores() // processes))


@contextmanager
def threaded(asked: int | None, values: int, processes: int = 1) -> Iterator[int]:
    """Run a block with `asked` threads of torch; by default as many as the environment says, or else `threads_for`.

    Gives their number; afterwards it is what it was.
    """
    before = torch.get_num_threads()
    if asked is not None:
        torch.set_num_threads(asked)
    elif not any(name in os.environ for name in BY_HAND):
        torch.set_num_threads(threads_for(values, processes))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
