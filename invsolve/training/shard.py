"""`Shard`: what one of several processes works at."""

from typing import final

import attrs

from invsolve.errors import ComponentError


@final
@attrs.frozen
class Shard:
    """Every ``count``-th row of a batch from row `index` on: what one of `count` processes works at."""

    index: int = 0
    count: int = 1

    def rows(self, batch: int) -> slice:
        """The rows; raises `ComponentError` where the processes cannot share the batch evenly."""
        if batch % self.count:
            raise ComponentError(f"{self.count} processes cannot share a batch of {batch} evenly; choose a multiple.")
        return slice(self.index, None, self.count)
