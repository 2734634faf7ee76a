"""`GrowingClip`: frames of one size that come one by one, in one piece of memory."""

from pathlib import Path
from typing import Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media.memory_limit import LARGEST

_FIRST: Final = 2**29  # values: what is taken on the word of a header alone


@final
@attrs.define(eq=False)
class GrowingClip:
    """A clip ``1 c t h w`` without a copy of its frames, where their number is known beforehand.

    Attributes:
        expected: how many frames will come, as far as that is known.
        count: how many came.
    """

    path: Path
    expected: int | None = None
    count: int = 0
    _memory: Tensor | None = None

    def room(self, ahead: int = 0) -> Float[Tensor, "c h w"] | None:
        """Where the frame `ahead` of the next may be written; None before the first, and where it would not fit yet."""
        number = self.count + ahead
        return None if self._memory is None or number >= self._memory.shape[1] else self._memory[:, number]

    def append(self, frame: Float[Tensor, "c h w"]) -> None:
        """Add a copy of the frame.

        Raises:
            ReadError: for another size than before, and for more than 8 GiB.
        """
        self._check(frame)
        if self._memory is None:
            believed = max(1, _FIRST // frame.numel())
            self._memory = _empty(frame, min(self.expected or 16, believed))
        if self.count == self._memory.shape[1]:
            known, held = self.expected or 0, self._memory
            self._memory = _empty(frame, known if self.count < known <= 4 * self.count else 2 * self.count)
            self._memory[:, : self.count] = held
        room = self._memory[:, self.count]
        if frame.untyped_storage().data_ptr() != room.untyped_storage().data_ptr():
            room.copy_(frame)
        elif frame.stride() != room.stride():
            # a square frame was written there, and is seen turned by now
            room.copy_(frame.clone())
        self.count += 1

    def video(self) -> Float[Tensor, "1 c t h w"]:
        """The frames, at least one."""
        assert self._memory is not None
        return self._memory[None, :, : self.count].contiguous()

    def _check(self, frame: Tensor) -> None:
        h, w = frame.shape[-2:]
        if self._memory is not None and frame.shape != self._memory[:, 0].shape:
            before = "x".join(map(str, self._memory.shape[-2:]))
            raise ReadError(
                f"{self.path} changes its size from {before} to {h}x{w} (height x width). Write `size: HxW`."
            )
        if (self.count + 1) * frame.numel() * frame.element_size() > LARGEST:
            raise ReadError(
                f"{self.path} takes more than {LARGEST >> 30} GiB of memory after {self.count} frames of {h}x{w}."
                " Choose `frames: 0..16`, `stride`, `crop`, `size` or `longest_side`."
            )


def _empty(frame: Tensor, count: int) -> Tensor:
    c, h, w = frame.shape
    # NumPy asks for large pages of memory, which are several times quicker to fill
    return torch.from_numpy(np.empty((c, count, h, w), np.float32))
