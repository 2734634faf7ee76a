"""Some of the trajectories of a batch, and the batch again."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve.randomness import Randomness


@final
@attrs.frozen(eq=False)
class RowRandomness(Randomness):
    """The streams of some rows of a batch: what those rows would have drawn in it.

    - ``whole``: the streams of all `count` rows; ``rows``: which to keep.
    """

    whole: Randomness
    rows: Tensor
    count: int

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers."""
        return self.whole.normal(self._all(like))[self.rows]

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform numbers in [0, 1)."""
        return self.whole.uniform(self._all(like))[self.rows]

    def poisson(self, rate: Tensor) -> Tensor:
        """Poisson counts."""
        rates = self._all(rate)
        rates[self.rows] = rate
        return self.whole.poisson(rates)[self.rows]

    def at(self, step: int) -> "RowRandomness":
        """The same rows at another step."""
        return attrs.evolve(self, whole=self.whole.at(step))

    def _all(self, like: Tensor) -> Tensor:
        return like.new_zeros(self.count, *like.shape[1:])


def rows_of(state: Any, rows: Tensor) -> Any:
    """Those rows of every tensor of a sampler's state; all else is shared by the rows."""
    if isinstance(state, Tensor):
        return state[rows]
    if isinstance(state, tuple):
        return tuple(rows_of(part, rows) for part in state)
    if isinstance(state, dict):
        return {name: rows_of(part, rows) for name, part in state.items()}
    if attrs.has(type(state)):
        fields = attrs.fields(type(state))
        return type(state)(**{field.name: rows_of(getattr(state, field.name), rows) for field in fields})
    return state


def joined(states: Sequence[Any], rows: Sequence[Tensor]) -> Any:
    """The state of the whole batch: tensor by tensor, row ``rows[i][k]`` is row ``k`` of ``states[i]``."""
    first = states[0]
    if isinstance(first, Tensor):
        order = torch.cat(list(rows)).argsort()
        return torch.cat(list(states))[order]
    if isinstance(first, tuple):
        return tuple(joined(parts, rows) for parts in zip(*states, strict=True))
    if isinstance(first, dict):
        return {name: joined([state[name] for state in states], rows) for name in first}
    if attrs.has(type(first)):
        names = [field.name for field in attrs.fields(type(first))]
        return type(first)(**{name: joined([getattr(state, name) for state in states], rows) for name in names})
    return first
