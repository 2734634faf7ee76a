"""`Downsample`: fewer pixels."""

from typing import ClassVar, Literal, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import literal, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.spectra.blocks import average_blocks, block_spectrum, check_blocks, repeat_blocks
from invsolve_operators.spectra.separable import SeparableSpectrum, apply_separable
from invsolve_operators.spectra.time_matrix import Matrix

Method = Literal["box", "bicubic"]


@final
@attrs.frozen
class Downsample(LinearOperator):
    """``y = R x C^T`` for each frame: ``1 / factor`` of the height (matrix ``R``) and of the width (``C``).

    Closed form: singular values of ``R`` times those of ``C``; all are ``1 / factor`` for the box, where ``A^+ y``
    repeats pixels.

    Attributes:
        factor: whole number; height and width must be multiples of it.
        method: ``box`` averages squares of ``factor x factor`` pixels. ``bicubic`` weights the pixels at distance ``d``
            from an output pixel's centre with the cubic kernel (a = -1/2) at ``d / factor``, which is wide enough to
            prevent aliasing; at the border, weights inside the frame are scaled to sum 1.

    Raises:
        SpaceError: for a height or width that is not a multiple of the factor.

    References:
        Keys 1981, eq. 4 with a = -1/2, stretched by the factor against aliasing.

    Examples:
        ```python
        Downsample(factor=4, method="bicubic")
        ```

        ```yaml
        operator: {use: downsample, factor: 4, method: bicubic}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{keys1981cubic, title={Cubic Convolution Interpolation for Digital Image Processing}, author={Keys,"
        " Robert G.}, journal={IEEE Transactions on Acoustics, Speech, and Signal Processing}, year={1981}}",
    )

    factor: int = attrs.field(default=2, validator=whole(least=1))
    method: Method = attrs.field(default="box", validator=literal(Method))
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def _matrix(self, size: int, like: Tensor) -> Tensor:
        key = (size, like.dtype, like.device)
        return self._cache.get(
            key, lambda: torch.from_numpy(bicubic_matrix(size, self.factor)).to(like.device, like.dtype)
        )

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h2 w2"]:
        """Weighted means around each output pixel."""
        space = self.output_space(VideoSpace.of(x))
        if self.method == "box":
            return average_blocks(x, self.factor)
        rows, columns = (self._matrix(size * self.factor, x) for size in (space.height, space.width))
        return apply_separable(rows, columns, x)

    def adjoint(self, y: Float[Tensor, "b c t h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """Each output pixel spread over the pixels that it came from."""
        if self.method == "box":
            return repeat_blocks(y / self.factor**2, self.factor)
        rows, columns = (self._matrix(size * self.factor, y) for size in y.shape[-2:])
        return apply_separable(rows.mT, columns.mT, y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """``1 / factor`` of height and width."""
        check_blocks(self, space, self.factor)
        return attrs.evolve(space, height=space.height // self.factor, width=space.width // self.factor)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """``factor`` times height and width."""
        return attrs.evolve(observed, height=observed.height * self.factor, width=observed.width * self.factor)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """One singular value for the box, a product of two decompositions for bicubic."""
        self.output_space(space)
        if self.method == "box":
            return block_spectrum(self.factor, dtype, device)
        like = torch.empty((), dtype=dtype, device=device)
        return self._cache.get(
            ("spectrum", space.height, space.width, dtype, device),
            lambda: SeparableSpectrum.of(self._matrix(space.height, like), self._matrix(space.width, like)),
        )


def bicubic_matrix(size: int, factor: int) -> Matrix:
    """``R[i, j]``: the weight of pixel ``j`` in output pixel ``i``, whose centre is at ``factor (i + 1/2) - 1/2``."""
    centres = factor * (np.arange(size // factor) + 0.5) - 0.5
    distance = np.abs(np.arange(size)[None, :] - centres[:, None]) / factor
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
