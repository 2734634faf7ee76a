"""`sizes_of`: the sizes that a network's name stands for."""

from collections.abc import Mapping
from typing import TypeVar

from invsolve.errors import ComponentError, did_you_mean

Sizes = TypeVar("Sizes")


def sizes_of(network: str, name: str, known: Mapping[str, Sizes]) -> Sizes:
    """Look `name` up; `network` is what it names.

    Raises:
        ComponentError: with what is known.
    """
    if name not in known:
        raise ComponentError(
            f"there is no {network} called {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}."
        )
    return known[name]
