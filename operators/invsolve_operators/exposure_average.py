"""`ExposureAverage`: any list of exposures on a time axis."""

from math import isclose
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
from invsolve.validators import literal, number, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.exposure.exposure_matrix import exposure_matrix
from invsolve_operators.light import Transfer, require_linear
from invsolve_operators.spectra.time_matrix import Matrix, mix_frames, on_device, time_spectrum


@final
@attrs.frozen
class ExposureAverage(LinearOperator):
    """``y[m] = 1/(end_m - start_m) integral of x(t) over [start_m, end_m)``.

    ``x(t)`` holds each frame for its time. Frame ``n`` lasts from ``n - origin`` to ``n + 1 - origin`` frames, so that
    with the origin at the start of an exposure, frames before it have negative times: the past, the present and the
    future of a blurred picture. Parts of frames count by the part that lies in the exposure.

    Closed form: the singular value decomposition of a small matrix over time. Frames outside all exposures are not
    observed: there ``A^+ y`` is 0.

    Attributes:
        frames: of the sharp clip [frames].
        intervals_frames: ``[start, end)`` of each exposure [frames]; either these or ``intervals_seconds``.
        intervals_seconds: the same [s].
        frame_rate: of the sharp clip [frames/s]; with ``intervals_seconds``.
        origin: the frame at whose start the time is 0 [frames].
        transfer: ``require`` linear light, or ``ignore`` what the values mean.

    Raises:
        ComponentError: for exposures that are empty or leave the clip.
        SpaceError: for another number of frames, another frame rate, and display-encoded values (see `transfer`).

    References:
        Nah, Kim and Lee 2017, eq. 1, for the integral; the rest is linear algebra.

    Examples:
        ```python
        ExposureAverage(frames=12, intervals_frames=[[0.0, 3.5], [4.0, 7.5]], origin=2.0)
        ```

        ```yaml
        operator: {use: exposure_average, frames: 24, intervals_seconds: [[0.0, 0.05]], frame_rate: 240.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{nah2017deep, title={Deep Multi-Scale Convolutional Neural Network for Dynamic Scene"
        " Deblurring}, author={Nah, Seungjun and Kim, Tae Hyun and Lee, Kyoung Mu}, booktitle={CVPR}, year={2017}}",
    )

    frames: int = attrs.field(validator=whole(least=1))
    intervals_frames: Nested | None = attrs.field(default=None, converter=nested)
    intervals_seconds: Nested | None = attrs.field(default=None, converter=nested)
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    origin: float = attrs.field(default=0.0, validator=number())
    transfer: Transfer = attrs.field(default="require", validator=literal(Transfer))
    _matrix: Matrix = attrs.field(init=False, repr=False, eq=False)
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        starts, ends = self._intervals().T + self.origin
        for start, end in zip(starts - self.origin, ends - self.origin, strict=True):
            first, last = -self.origin, self.frames - self.origin
            if not first - 1e-9 <= start < end <= last + 1e-9:
                raise ComponentError(
                    f"exposure [{start:g}, {end:g}) frames is empty or leaves the clip, which lasts from {first:g} to "
                    f"{last:g} frames."
                )
        object.__setattr__(self, "_matrix", exposure_matrix(starts, ends, self.frames))

    def _intervals(self) -> Matrix:
        if (self.intervals_frames is None) == (self.intervals_seconds is None):
            raise ComponentError("give either intervals_frames or intervals_seconds.")
        if self.intervals_frames is not None:
            if self.frame_rate is not None:
                raise ComponentError("frame_rate belongs to intervals_seconds.")
            table = as_array(self.intervals_frames, "intervals_frames", (2,))
        else:
            if self.frame_rate is None:
                raise ComponentError("intervals_seconds needs frame_rate [frames/s].")
            table = as_array(self.intervals_seconds or (), "intervals_seconds", (2,)) * self.frame_rate
        if table.shape[1] != 2:
            raise ComponentError(f"an exposure is a pair [start, end), got rows of {table.shape[1]} numbers.")
        return table

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h w"]:
        """The mean over each exposure."""
        self._check_frames(VideoSpace.of(x))
        return mix_frames(on_device(self._matrix, self._cache, x, transposed=False), x)

    def adjoint(self, y: Float[Tensor, "b c m h w"]) -> Float[Tensor, "b c t h w"]:
        """Each exposure spread over the frames that it saw."""
        self._check_exposures(VideoSpace.of(y))
        return mix_frames(on_device(self._matrix, self._cache, y, transposed=True), y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One frame per exposure; a frame rate only where exposures start at equal distances."""
        require_linear(self, space, self.transfer)
        self._check_frames(space)
        spacing = self._spacing()
        rate = None if space.frame_rate is None or spacing is None else space.frame_rate / spacing
        return attrs.evolve(space, frames=len(self._matrix), frame_rate=rate)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`frames` frames."""
        self._check_exposures(observed)
        spacing = self._spacing()
        rate = None if observed.frame_rate is None or spacing is None else observed.frame_rate * spacing
        return attrs.evolve(observed, frames=self.frames, frame_rate=self.frame_rate or rate)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """The singular value decomposition of the matrix over time."""
        self._check_frames(space)
        return self._cache.get(("spectrum", dtype, device), lambda: time_spectrum(self._matrix, dtype, device))

    def _spacing(self) -> float | None:
        starts = self._intervals()[:, 0]
        steps = np.diff(starts)
        even = len(steps) > 0 and steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-9)
        return float(steps[0]) if even else None

    def _check_frames(self, space: VideoSpace) -> None:
        if space.frames != self.frames:
            raise SpaceError(f"ExposureAverage(frames={self.frames}) got {space.frames} along frames.")
        rate = space.frame_rate
        if rate is not None and self.frame_rate is not None and not isclose(rate, self.frame_rate, rel_tol=1e-6):
            raise SpaceError(f"the exposures assume {self.frame_rate:g} frames/s, but the video has {rate:g}.")

    def _check_exposures(self, observed: VideoSpace) -> None:
        if observed.frames != len(self._matrix):
            raise SpaceError(
                f"ExposureAverage has {len(self._matrix)} exposures, but the observation has {observed.frames} frames."
            )
