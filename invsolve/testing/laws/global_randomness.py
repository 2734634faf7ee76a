"""The state of the global random generators, which components must neither read nor move."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def random_state() -> tuple[object, ...]:
    """The states of the global generators of torch and numpy, comparable.

    Python's own generator is left out: type checkers draw from it to choose which elements to look at.
    """
    kind, keys, position, *_ = np.random.get_state(legacy=True)
    return (torch.get_rng_state().numpy().tobytes(), str(kind), np.asarray(keys).tobytes(), position)


def seed_globally(seed: int) -> None:
    """Seed the global generators of torch, numpy and Python, to see whether anybody reads them."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Put the global generators back afterwards."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    with torch.random.fork_rng(devices=[]):
        yield
    np.random.set_state(numpy_state)
    random.setstate(python_state)
