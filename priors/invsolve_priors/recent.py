"""`Recent`: the results used last."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, final

import attrs
import torch

T = TypeVar("T")


@final
@attrs.frozen(eq=False)
class Recent(Generic[T]):
    """At most `limit` results, each made at its first use; the oldest goes first."""

    limit: int
    _kept: dict[Hashable, T] = attrs.field(factory=dict, init=False)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result for `key`, made at its first use."""
        if key not in self._kept:
            # A tensor made in inference mode could never take part in a gradient later.
            with torch.inference_mode(mode=False), torch.no_grad():
                self._kept[key] = make()
            while len(self._kept) > self.limit:
                del self._kept[next(iter(self._kept))]
        return self._kept[key]
