"""`SelectFrames`: some frames are seen, the others are to be found."""

from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import whole_numbers
from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.spectra.time_matrix import Matrix, time_spectrum


@final
@attrs.frozen
class SelectFrames(LinearOperator):
    """``y[m] = x[indices[m]]``: frame interpolation, prediction and recovery of lost frames.

    Closed form: all singular values are 1 (for indices that do not repeat); ``A^+ y = A^T y`` puts the frames in their
    places, with 0 between them.

    Attributes:
        every: see frames 0, k, 2k, ... [frames]; the clip ends with a frame that is seen, ``t = (m - 1) k + 1``; or
        indices: the frames that are seen, 0 being the first.
        frames: the length of the clip [frames]; with ``indices``.

    Raises:
        ComponentError: for indices outside the clip or given twice.
        SpaceError: for clips that do not fit.

    References:
        The definition of frame interpolation.

    Examples:
        ```python
        SelectFrames(every=8)
        SelectFrames(indices=(0, 1, 6, 7), frames=8)
        ```

        ```yaml
        operator: {use: select_frames, every: 8}
        ```
    """

    every: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    indices: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    frames: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        if (self.every is None) == (self.indices is None):
            raise ComponentError("give every, or indices with frames.")
        if (self.indices is None) != (self.frames is None):
            raise ComponentError("indices and frames (the length of the clip) belong together.")
        if self.indices is not None and self.frames is not None:
            inside = all(0 <= index < self.frames for index in self.indices)
            if not self.indices or not inside or len(set(self.indices)) < len(self.indices):
                raise ComponentError(
                    f"indices must be different numbers from 0 to {self.frames - 1} (frames={self.frames}), got "
                    f"{self.indices}."
                )

    def _seen(self, seen: int) -> list[int]:
        return list(self.indices) if self.indices is not None else [m * self._every for m in range(seen)]

    @property
    def _every(self) -> int:
        return 1 if self.every is None else self.every

    def _count(self, frames: int) -> int:
        if self.indices is not None:
            if frames != self.frames:
                raise SpaceError(f"SelectFrames(frames={self.frames}) got {frames} along frames.")
            return len(self.indices)
        if (frames - 1) % self._every:
            raise SpaceError(
                f"SelectFrames(every={self.every}) got {frames} along frames; it needs 1, {1 + self._every}, "
                f"{1 + 2 * self._every} ... (1 + k * {self._every})."
            )
        return (frames - 1) // self._every + 1

    def _length(self, seen: int) -> int:
        if self.indices is not None and self.frames is not None:
            if seen != len(self.indices):
                raise SpaceError(f"SelectFrames sees {len(self.indices)} frames, but the observation has {seen}.")
            return self.frames
        return (seen - 1) * self._every + 1

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h w"]:
        """The frames that are seen."""
        return x[:, :, self._seen(self._count(VideoSpace.of(x).frames))]

    def adjoint(self, y: Float[Tensor, "b c m h w"]) -> Float[Tensor, "b c t h w"]:
        """The frames in their places, 0 between them."""
        seen = VideoSpace.of(y).frames
        places = {index: m for m, index in enumerate(self._seen(seen))}
        blank = torch.zeros_like(y[:, :, :1])
        frames = [y[:, :, places[n] : places[n] + 1] if n in places else blank for n in range(self._length(seen))]
        return torch.cat(frames, dim=2)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The frames that are seen; a frame rate only for `every`."""
        rate = None if space.frame_rate is None or self.every is None else space.frame_rate / self.every
        return attrs.evolve(space, frames=self._count(space.frames), frame_rate=rate)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The whole clip."""
        rate = None if observed.frame_rate is None or self.every is None else observed.frame_rate * self.every
        return attrs.evolve(observed, frames=self._length(observed.frames), frame_rate=rate)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """The singular value decomposition of a matrix of zeros and ones over time."""
        seen = self._count(space.frames)
        key = ("spectrum", space.frames, dtype, device)
        return self._cache.get(key, lambda: time_spectrum(self._matrix(seen), dtype, device))

    def _matrix(self, seen: int) -> Matrix:
        matrix = np.zeros((seen, self._length(seen)))
        matrix[range(seen), self._seen(seen)] = 1
        return matrix
