"""`RollingShutter`: rows are exposed one after the other."""

from math import ceil
from typing import ClassVar, Literal, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import literal, number, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.exposure.exposure_matrix import exposure_matrix
from invsolve_operators.light import Transfer, require_linear
from invsolve_operators.spectra.time_matrix import Matrix, mix_frames, on_device, time_spectrum

Direction = Literal["down", "up"]


@final
@attrs.frozen
class RollingShutter(LinearOperator):
    """``y[m, h]``: the mean of row ``h`` of ``x(t)`` over ``[m stride + d h/H, m stride + d h/H + e)`` frames.

    ``x(t)`` holds each frame for its time, so parts of frames count by the part that lies in the exposure; an exposure
    of 1 frame interpolates linearly between two frames. A clip has ``t = (m - 1) stride + ceil(d + e)`` frames.

    Closed form: a small matrix over time for each row, each with its singular value decomposition.

    Attributes:
        readout_frames: ``d``, from the start of the first row to the start of a row just below the last [frames].
        exposure_frames: ``e``, how long each row collects light [frames].
        stride: from the start of a frame to the start of the next [frames]; by default ``ceil(d + e)``.
        direction: ``down`` starts at the top row, ``up`` at the bottom row.
        transfer: ``require`` linear light, or ``ignore`` what the values mean.

    Raises:
        SpaceError: for a number of frames that does not fit, and for display-encoded values (see `transfer`).

    References:
        Ait-Aider et al. 2006 for the model of a row's time; here rows integrate over an exposure.

    Examples:
        ```python
        RollingShutter(readout_frames=3.0, exposure_frames=1.0)
        ```

        ```yaml
        operator: {use: rolling_shutter, readout_frames: 3.0, exposure_frames: 1.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{aitaider2006simultaneous, title={Simultaneous Object Pose and Velocity Computation Using a"
        " Single View from a Rolling Shutter Camera}, author={Ait-Aider, Omar and Andreff, Nicolas and Lavest, Jean"
        " Marc and Martinet, Philippe}, booktitle={ECCV}, year={2006}}",
    )

    readout_frames: float = attrs.field(validator=number(least=0.0))
    exposure_frames: float = attrs.field(default=1.0, validator=number(above=0.0))
    stride: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    direction: Direction = attrs.field(default="down", validator=literal(Direction))
    transfer: Transfer = attrs.field(default="require", validator=literal(Transfer))
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    @property
    def _span(self) -> int:
        return ceil(self.readout_frames + self.exposure_frames - 1e-9)

    @property
    def _step(self) -> int:
        return self._span if self.stride is None else self.stride

    def _count(self, frames: int) -> int:
        spare = frames - self._span
        if spare < 0 or spare % self._step:
            raise SpaceError(
                f"{self} got {frames} along frames; it needs {self._span}, {self._span + self._step} ... "
                f"({self._span} + k * {self._step})."
            )
        return spare // self._step + 1

    def _matrix(self, count: int, height: int) -> Matrix:
        delays = self.readout_frames * np.arange(height) / height
        delays = delays if self.direction == "down" else delays[::-1]
        starts = delays[:, None] + self._step * np.arange(count)[None, :]
        return exposure_matrix(starts, starts + self.exposure_frames, (count - 1) * self._step + self._span)

    def _weights(self, count: int, like: Tensor, *, transposed: bool) -> Tensor:
        # Building the matrix costs more than using it.
        key = ("matrix", count, like.shape[-2])
        matrix = self._cache.get(key, lambda: self._matrix(count, like.shape[-2]))
        return on_device(matrix, self._cache, like, transposed=transposed)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h w"]:
        """Each row's mean over its own exposure."""
        return mix_frames(self._weights(self._count(VideoSpace.of(x).frames), x, transposed=False), x)

    def adjoint(self, y: Float[Tensor, "b c m h w"]) -> Float[Tensor, "b c t h w"]:
        """Each row spread over the frames that it saw."""
        return mix_frames(self._weights(VideoSpace.of(y).frames, y, transposed=True), y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame per readout, at ``1 / stride`` of the frame rate."""
        require_linear(self, space, self.transfer)
        rate = None if space.frame_rate is None else space.frame_rate / self._step
        return attrs.evolve(space, frames=self._count(space.frames), frame_rate=rate)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """``(m - 1) stride + ceil(d + e)`` frames at `stride` times the frame rate."""
        rate = None if observed.frame_rate is None else observed.frame_rate * self._step
        frames = (observed.frames - 1) * self._step + self._span
        return attrs.evolve(observed, frames=frames, frame_rate=rate)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """One singular value decomposition per row."""
        count = self._count(space.frames)
        key = ("spectrum", count, space.height, dtype, device)
        return self._cache.get(key, lambda: time_spectrum(self._matrix(count, space.height), dtype, device))
