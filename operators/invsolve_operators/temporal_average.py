"""`TemporalAverage`: an exposure adds up the light of several frames."""

from typing import ClassVar, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Nested, as_array, nested
from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import literal, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.exposure.shutter import shutter_weights
from invsolve_operators.light import Transfer, require_linear
from invsolve_operators.spectra.time_matrix import (
    Matrix,
    average_windows,
    mix_frames,
    on_device,
    spread_windows,
    time_spectrum,
)


@final
@attrs.frozen
class TemporalAverage(LinearOperator):
    """Motion blur: ``y[m] = sum_n w[n] x[offset + m stride + n]``, ``n = 0 .. frames-1``, ``sum_n w[n] = 1``.

    As many exposures as there are; one blurred frame, or a blurred video. The frames after the offset must be used up
    exactly: ``t = offset + (m - 1) stride + frames``.

    Closed form: the singular values of a small matrix over time; ``||w||`` for separate exposures, and then
    ``A^+ y = w y / ||w||^2``, which for the box spreads the blurred frame over all frames.

    Attributes:
        frames: length of an exposure [frames], at least 1.
        shutter: ``box``, ``trapezoid:<ramp>`` or ``gaussian:<std>``, ramp and std in units of the exposure.
        weights: a tabulated shutter instead: `frames` numbers >= 0, scaled to sum 1.
        stride: from the start of an exposure to the start of the next [frames]; by default ``frames + dead_frames``.
        dead_frames: between the end of an exposure and the start of the next [frames], instead of `stride`.
        offset: before the first exposure [frames].
        transfer: ``require`` linear light, or ``ignore`` what the values mean.

    Raises:
        SpaceError: for a number of frames that does not fit, and for display-encoded values (see `transfer`).

    References:
        Nah, Kim and Lee 2017, eq. 1, for the box; the adjoint, spectrum and pseudo-inverse are linear algebra.

    Examples:
        ```python
        TemporalAverage(frames=8)                              # 8 frames into 1, 16 into 2
        TemporalAverage(frames=7, stride=1, shutter="trapezoid:0.2")
        ```

        ```yaml
        operator: {use: temporal_average, frames: 8}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{nah2017deep, title={Deep Multi-Scale Convolutional Neural Network for Dynamic Scene"
        " Deblurring}, author={Nah, Seungjun and Kim, Tae Hyun and Lee, Kyoung Mu}, booktitle={CVPR}, year={2017}}",
    )

    frames: int = attrs.field(default=8, validator=whole(least=1))
    shutter: str = "box"
    weights: Nested | None = attrs.field(default=None, converter=nested)
    stride: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    dead_frames: int = attrs.field(default=0, validator=whole(least=0))
    offset: int = attrs.field(default=0, validator=whole(least=0))
    transfer: Transfer = attrs.field(default="require", validator=literal(Transfer))
    _window: Matrix = attrs.field(init=False, repr=False, eq=False)
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        if self.stride is not None and self.dead_frames:
            raise ComponentError(f"give stride ({self.stride}) or dead_frames ({self.dead_frames}), not both.")
        object.__setattr__(self, "_window", self._weigh())

    def _weigh(self) -> Matrix:
        if self.weights is None:
            return shutter_weights(self.shutter, self.frames)
        if self.shutter != "box":
            raise ComponentError(f"give shutter ({self.shutter!r}) or weights, not both.")
        table = as_array(self.weights, "weights", (1,))
        if table.size != self.frames or table.min() < 0 or table.sum() <= 0:
            raise ComponentError(
                f"weights must be {self.frames} numbers >= 0 (one per frame) that are not all 0, got {table.tolist()}."
            )
        return np.asarray(table / table.sum())

    @property
    def _step(self) -> int:
        return self.stride if self.stride is not None else self.frames + self.dead_frames

    @property
    def _side_by_side(self) -> bool:
        return self._step == self.frames and self.offset == 0

    def _row(self, like: Tensor) -> Tensor:
        key = ("row", like.dtype, like.device)
        return self._cache.get(key, lambda: torch.from_numpy(self._window).to(like.device, like.dtype))

    def _exposures(self, frames: int) -> int:
        spare = frames - self.offset - self.frames
        if spare < 0 or spare % self._step:
            first = self.offset + self.frames
            raise SpaceError(
                f"{self} got {frames} along frames; it needs {first}, {first + self._step}, "
                f"{first + 2 * self._step} ... ({first} + k * {self._step})."
            )
        return spare // self._step + 1

    def _matrix(self, exposures: int) -> Matrix:
        matrix = np.zeros((exposures, self.offset + (exposures - 1) * self._step + self.frames))
        for m in range(exposures):
            start = self.offset + m * self._step
            matrix[m, start : start + self.frames] = self._window
        return matrix

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h w"]:
        """The weighted mean of each exposure."""
        exposures = self._cache.get(("exposures", x.shape), lambda: self._exposures(VideoSpace.of(x).frames))
        if self._side_by_side:
            return average_windows(self._row(x), x)
        matrix = self._matrix(exposures)
        return mix_frames(on_device(matrix, self._cache, x, transposed=False), x)

    def adjoint(self, y: Float[Tensor, "b c m h w"]) -> Float[Tensor, "b c t h w"]:
        """``x[n] = sum_m w[n - offset - m stride] y[m]``."""
        if self._side_by_side:
            return spread_windows(self._row(y), y)
        matrix = self._matrix(VideoSpace.of(y).frames)
        return mix_frames(on_device(matrix, self._cache, y, transposed=True), y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame per exposure, at ``1 / stride`` of the frame rate."""
        require_linear(self, space, self.transfer)
        rate = None if space.frame_rate is None else space.frame_rate / self._step
        return attrs.evolve(space, frames=self._exposures(space.frames), frame_rate=rate)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """``offset + (m - 1) stride + frames`` frames at `stride` times the frame rate."""
        rate = None if observed.frame_rate is None else observed.frame_rate * self._step
        frames = self.offset + (observed.frames - 1) * self._step + self.frames
        return attrs.evolve(observed, frames=frames, frame_rate=rate)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """The singular value decomposition of the matrix over time."""
        exposures = self._exposures(space.frames)
        key = ("spectrum", exposures, dtype, device)
        return self._cache.get(key, lambda: time_spectrum(self._matrix(exposures), dtype, device))
