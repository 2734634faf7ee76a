"""Some of the trajectories of a batch, and the batch again."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve.randomness import Randomness
from invsolve.solving.state_tree import combined


@final
@attrs.frozen(eq=False)
class RowRandomness(Randomness):
    """The streams of some rows of a batch: what those rows would have drawn in it.

    Attributes:
        whole: the streams of all `count` rows.
        rows: which to keep.
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
    return combined([state], lambda tensors: tensors[0][rows])


def joined(states: Sequence[Any], rows: Sequence[Tensor]) -> Any:
    """The state of the whole batch: tensor by tensor, row ``rows[i][k]`` is row ``k`` of ``states[i]``."""
    order = torch.cat(list(rows)).argsort()
    return combined(states, lambda tensors: torch.cat(tensors)[order])
