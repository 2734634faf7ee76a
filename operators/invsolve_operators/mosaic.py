"""`Mosaic`: a sensor that sees one colour per pixel."""

from typing import ClassVar, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.video.space import VideoSpace
from invsolve_operators.spectra.tight_frame import TightSpectrum

COLOURS: Final = "rgb"


@final
@attrs.frozen
class Mosaic(LinearOperator):
    """``y[0, t, h, w] = x[p(h mod 2, w mod 2), t, h, w]``: a Bayer filter ``p`` lets one of three colours through.

    The channels of ``x`` are red, green and blue; ``y`` has one channel. A sensor sees linear light, so it comes before
    `CameraResponse`. Closed form: ``A A^T = I``; ``A^+ y = A^T y`` returns each value to its colour, 0 in the others.

    Attributes:
        pattern: the colours of the square at the top left, row by row: ``rggb``, ``bggr``, ``grbg``, ``gbrg``, or any
            four of r, g and b.

    Raises:
        ComponentError: for another pattern.
        SpaceError: unless the video has 3 channels.

    References:
        Bayer 1976, US patent 3971065.

    Examples:
        ```python
        Mosaic(pattern="rggb")
        ```

        ```yaml
        operator: {use: mosaic, pattern: rggb}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{bayer1976color, title={Color Imaging Array}, author={Bayer, Bryce E.}, year={1976},"
        " note={US Patent 3,971,065}}",
    )

    pattern: str = attrs.field(default="rggb")
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    @pattern.validator
    def _is_a_square(self, _: object, value: str) -> None:
        if len(value) != 4 or not set(value) <= set(COLOURS):
            raise ComponentError(f"Mosaic.pattern must be four letters of r, g and b, row by row, got {value!r}.")

    def _filter(self, like: Tensor) -> Tensor:
        height, width = like.shape[-2:]

        def make() -> Tensor:
            square = torch.tensor([COLOURS.index(colour) for colour in self.pattern]).reshape(2, 2)
            tiled = square.repeat((height + 1) // 2, (width + 1) // 2)[:height, :width]
            return (tiled == torch.arange(3)[:, None, None])[:, None].to(like.device, like.dtype)

        return self._cache.get((height, width, like.dtype, like.device), make)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b 1 t h w"]:
        """The colour that each pixel's filter lets through."""
        self.output_space(VideoSpace.of(x))
        return (self._filter(x) * x).sum(1, keepdim=True)

    def adjoint(self, y: Float[Tensor, "b 1 t h w"]) -> Float[Tensor, "b c t h w"]:
        """Each value in the channel of its filter, 0 in the others."""
        self.input_space(VideoSpace.of(y))
        return self._filter(y) * y

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """One channel."""
        if space.channels != 3:
            raise SpaceError(f"Mosaic needs channels = 3 (red, green, blue), got {space.channels}.")
        return attrs.evolve(space, channels=1)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """Three channels."""
        if observed.channels != 1:
            raise SpaceError(f"a mosaic has channels = 1, but the observation has {observed.channels}.")
        return attrs.evolve(observed, channels=3)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """One singular value, 1."""
        one = torch.ones((), dtype=dtype, device=device)
        return TightSpectrum(self.forward, self.adjoint, one, frozenset("chw"))
