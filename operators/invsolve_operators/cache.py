"""`Cache`: tensors that an operator has prepared for the shapes it has met."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, final

import attrs
import torch

T = TypeVar("T")


@final
@attrs.define(eq=False)
class Cache:
    """A bounded memory of what follows from an operator's fields and an input's shape, dtype and device.

    It is not part of the operator's value: copies and pickles start empty, and equality ignores it.
    """

    limit: int = 8
    _entries: OrderedDict[Hashable, Any] = attrs.field(factory=OrderedDict, init=False)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The entry of `key`, made on first use."""
        entry: T | None = self._entries.get(key)
        if entry is None:
            # A tensor made in inference mode could never take part in a gradient later.
            with torch.inference_mode(mode=False), torch.no_grad():
                entry = make()
            self._entries[key] = entry
            while len(self._entries) > self.limit:
                self._entries.popitem(last=False)
        return entry

    def __getstate__(self) -> int:
        return self.limit

    def __setstate__(self, state: int) -> None:
        self.limit = state
        self._entries = OrderedDict()
