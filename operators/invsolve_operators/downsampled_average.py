"""`DownsampledAverage`: averages of every k-th frame, of blocks of pixels, or both."""

from typing import ClassVar, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum, compose
from invsolve.validators import literal, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.light import Transfer, require_linear
from invsolve_operators.spectra.blocks import average_blocks, block_spectrum, check_blocks, repeat_blocks
from invsolve_operators.spectra.time_matrix import Matrix, average_windows, on_device, spread_windows, time_spectrum


@final
@attrs.frozen
class DownsampledAverage(LinearOperator):
    """``y[m, i, j] = mean over n, p, q of x[m N k + n k, f i + p, f j + q]``, ``n < N``, ``p, q < f``.

    The name is used in two senses, and this is both: a *temporal stride* averages the frames {0, k, 2k, ...} of a
    longer clip, a *spatial block average* averages squares of pixels.

    Closed form: one singular value, ``1 / (f sqrt N)``; ``A^+ y`` repeats each pixel over its block and over the frames
    that were averaged, and is 0 in the frames that were skipped.

    Attributes:
        frames: ``N``, how many frames are averaged [frames].
        stride: ``k``, from one averaged frame to the next [frames]. A clip has ``m N k`` frames for ``m`` exposures.
        block: ``f``, side of the squares [pixels]; height and width must be multiples of it.
        transfer: ``require`` linear light, or ``ignore`` what the values mean.

    Raises:
        SpaceError: for sizes that do not fit, and for display-encoded values (see `transfer`).

    References:
        The temporal reading from Pang et al. 2025 (arXiv 2501.12604); the spatial one is average pooling.

    Examples:
        ```python
        DownsampledAverage(frames=10, stride=4)          # 40 frames into 1
        DownsampledAverage(frames=8, block=4)            # 8 frames into 1, a quarter of the height and width
        ```

        ```yaml
        operator: {use: downsampled_average, frames: 10, stride: 4}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{pang2025image, title={Image Motion Blur Removal in the Temporal Dimension with Video Diffusion"
        " Models}, author={Pang, Wang and Zhan, Zhihao and Zhu, Xiang and Bai, Yechao}, booktitle={ICIP}, year={2025}}",
    )

    frames: int = attrs.field(default=1, validator=whole(least=1))
    stride: int = attrs.field(default=1, validator=whole(least=1))
    block: int = attrs.field(default=1, validator=whole(least=1))
    transfer: Transfer = attrs.field(default="require", validator=literal(Transfer))
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    @property
    def _span(self) -> int:
        return self.frames * self.stride

    def _matrix(self, exposures: int) -> Matrix:
        return np.asarray(np.kron(np.eye(exposures), self._window), dtype=np.float64)

    @property
    def _window(self) -> Matrix:
        row = np.zeros((1, self._span))
        row[0, :: self.stride] = 1 / self.frames
        return row

    def _row(self, like: Tensor) -> Tensor:
        return on_device(self._window, self._cache, like, transposed=False).flatten()

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h2 w2"]:
        """Average over frames, then over blocks."""
        self._shrink(VideoSpace.of(x))
        return average_blocks(average_windows(self._row(x), x), self.block)

    def adjoint(self, y: Float[Tensor, "b c m h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """Each pixel spread over its block and the frames that were averaged, divided by ``N f^2``."""
        VideoSpace.of(y)
        return spread_windows(self._row(y), repeat_blocks(y / self.block**2, self.block))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """``1 / (N k)`` of the frames and of the frame rate, ``1 / f`` of height and width."""
        require_linear(self, space, self.transfer)
        return self._shrink(space)

    def _shrink(self, space: VideoSpace) -> VideoSpace:
        check_blocks(self, space, self.block)
        if space.frames % self._span:
            raise SpaceError(
                f"{self} got {space.frames} along frames; it needs a multiple of frames x stride = {self._span}."
            )
        return attrs.evolve(
            space,
            frames=space.frames // self._span,
            height=space.height // self.block,
            width=space.width // self.block,
            frame_rate=None if space.frame_rate is None else space.frame_rate / self._span,
        )

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """``N k`` times the frames and the frame rate, ``f`` times height and width."""
        return attrs.evolve(
            observed,
            frames=observed.frames * self._span,
            height=observed.height * self.block,
            width=observed.width * self.block,
            frame_rate=None if observed.frame_rate is None else observed.frame_rate * self._span,
        )

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """The time matrix's decomposition times the block average's."""
        exposures = self._shrink(space).frames
        key = ("spectrum", exposures, dtype, device)
        in_time = self._cache.get(key, lambda: time_spectrum(self._matrix(exposures), dtype, device))
        return in_time if self.block == 1 else compose(block_spectrum(self.block, dtype, device), in_time)
