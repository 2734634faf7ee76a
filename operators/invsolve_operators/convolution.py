"""`Convolution`: blur by a kernel."""

import math
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Array, Nested, as_array, nested, path, read_array, shown
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import literal, number, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.blurring.blur import Blur, Method
from invsolve_operators.blurring.borders import Border
from invsolve_operators.blurring.kernel_shapes import Shape, named_kernel

FAR, SLACK = 2, 16  # a kernel may reach so many times over a picture, and so many pixels more
SHAPE_FIELDS: Final = ("size", "std", "length", "angle", "radius", "seed")


def _in_radians(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
    number()(component, field, value)
    if abs(value) > 2 * math.pi:
        raise ComponentError(
            f"Convolution.angle is in radians, between -6.28 and 6.28, got {value:g}; {value:g} degrees are "
            f"{math.remainder(math.radians(value), 2 * math.pi):.4g}."
        )


@final
@attrs.frozen
class Convolution(LinearOperator):
    """Blur: ``y[c, t, p] = sum_q k[c, t, q] x[c, t, p - q + o]``, pixels ``p = (h, w)``, origin ``o = (kh//2, kw//2)``.

    One of ``kernel``, ``values`` and ``file`` says what the kernel is.

    Closed form with a circular border: ``A = F^H diag(khat) F``, singular values ``|khat|``. The other borders have
    their exact transpose, and conjugate gradients. A lens blurs linear light: to blur display-encoded pictures as a
    camera would, put `Linearise` before and `CameraResponse` after; the operator itself blurs what it is given.

    Attributes:
        kernel: ``gaussian`` (``std``), ``motion`` (``length``, ``angle``), ``defocus`` (``radius``) or ``camera_shake``
            (``size``, ``seed``): the random path of a hand-held camera.
        values: numbers ``h w``, ``t h w`` for one kernel per frame, or ``c t h w`` for one per channel too; ``c`` and
            ``t`` may be 1 for one that all share.
        file: ``.npy, .npz, .mat, .png, .tif, .txt, .csv``; a picture in colour is a kernel per channel.
        variable: which array of the file, and which item of it, or which colour.
        index: which array of the file, and which item of it, or which colour.
        std: [pixels] positive.
        length: [pixels] positive.
        radius: [pixels] positive.
        angle: [radians] counter-clockwise from the x axis on screen, in [-2 pi, 2 pi]; 45 degrees are 0.785.
        size: width and height of a named kernel [pixels]; by default what the shape needs, 31 for a camera shake.
        seed: of the camera shake; the same seed is the same path on every machine.
        normalise: scale ``values`` or a file's kernel to sum 1 (named kernels have sum 1).
        border: beyond the frame the scene goes on ``circular``, ``reflect`` (without repeating the edge), ``replicate``
            (the edge) or ``zero``; ``valid`` assumes nothing: the output lacks ``k - 1`` rows and columns.
        method: ``fft``, ``direct``, or ``auto``: the faster one; results agree to rounding.

    Raises:
        ComponentError: for fields that contradict each other.
        ReadError: for a file that cannot be read.
        SpaceError: for frames too small for the border or of another number than the kernels.

    References:
        Hansen, Nagy and O'Leary 2006, *Deblurring Images*, chapters 3 and 4, for borders and spectral forms.

    Examples:
        ```python
        Convolution(kernel="camera_shake", size=31, seed=3)
        ```

        ```yaml
        operator: {use: convolution, kernel: camera_shake, size: 31, seed: 3}
        ```
    """

    kernel: Shape | None = attrs.field(default=None, validator=optional(literal(Shape)))
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=shown)
    variable: str | None = None
    index: int | None = None
    size: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    std: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    length: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    angle: float | None = attrs.field(default=None, validator=optional(_in_radians))
    radius: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    seed: int | None = attrs.field(default=None, validator=optional(whole(least=0)))
    normalise: bool = True
    border: Border = attrs.field(default="circular", validator=literal(Border))
    method: Method = attrs.field(default="auto", validator=literal(Method))
    _blur: Blur = attrs.field(init=False, repr=False, eq=False)

    @property
    def made_up(self) -> str:
        """The path of a camera shake, which is one of many."""
        return f"a camera shake drawn at random (seed {self.seed or 0})" if self.kernel == "camera_shake" else ""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_blur", Blur(self._make_taps(), self.border, self.method))

    def _make_taps(self) -> Array:
        shape: dict[str, float | int | None] = {name: getattr(self, name) for name in SHAPE_FIELDS}
        sources = [name for name in ("kernel", "values", "file") if getattr(self, name) is not None]
        if len(sources) != 1:
            raise ComponentError(f"give one of kernel, values and file, got {' and '.join(sources) or 'none'}.")
        if self.kernel is not None:
            return named_kernel(self.kernel, shape)[None, None]
        stray = [name for name, value in shape.items() if value is not None]
        if stray:
            raise ComponentError(f"{stray[0]} belongs to a named kernel, not to {sources[0]}.")
        if self.file is not None:
            taps = read_array(self.file, self.variable, self.index, colours=True)
            if taps.ndim not in (2, 3, 4):
                raise ComponentError(
                    f"{self.file} holds an array of shape {taps.shape}, not a kernel h w, t h w or c t h w."
                )
        else:
            taps = as_array(self.values or (), "values", (2, 3, 4))
        taps = taps.reshape(-1, *taps.shape[-3:]) if taps.ndim > 2 else taps[None, None]
        if not self.normalise:
            return taps
        sums = taps.sum((2, 3), keepdims=True)
        if (sums <= 0).any():
            raise ComponentError("a kernel whose sum is not positive cannot be scaled to sum 1; use normalise: false.")
        return np.asarray(taps / sums)

    @property
    def taps(self) -> Float[Tensor, "*c t kh kw"]:
        """The kernels in use, float64; ``t`` is 1 where all frames share one; ``c`` is there where channels do not."""
        taps = torch.from_numpy(self._blur.taps.copy())
        return taps[0] if len(taps) == 1 else taps

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h2 w2"]:
        """``k * x``, frame by frame."""
        self.output_space(VideoSpace.of(x))
        return self._blur.forward(x)

    def adjoint(self, y: Float[Tensor, "b c t h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """The correlation with ``k``; what entered over the border returns to where it came from."""
        self.output_space(self.input_space(VideoSpace.of(y)))
        return self._blur.adjoint(y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself; ``kh - 1`` and ``kw - 1`` pixels less with a ``valid`` border."""
        channels, frames, kh, kw = self._blur.taps.shape
        if channels not in (1, space.channels):
            raise SpaceError(
                f"the convolution has {channels} kernels, one per channel, but channels is {space.channels}. Choose one"
                " for all with index."
            )
        if frames not in (1, space.frames):
            raise SpaceError(f"the convolution has {frames} kernels, one per frame, but frames is {space.frames}.")
        for axis, found, size in zip(("height", "width"), space.shape[2:], (kh, kw), strict=True):
            if size > FAR * found + SLACK:
                raise SpaceError(
                    f"a kernel of {kh} x {kw} is far larger than a picture of {space.height} x {space.width}: its"
                    f" {axis} is {size}. Crop the kernel, or check which file it was read from."
                )
        for axis, found, needed in zip(("height", "width"), space.shape[2:], self._blur.least(), strict=True):
            if found < needed:
                raise SpaceError(
                    f"{axis} is {found}; a kernel of {kh} x {kw} with border {self.border!r} needs at least {needed}."
                )
        down, right = self._blur.trimmed
        return attrs.evolve(space, height=space.height - down, width=space.width - right)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`observed` itself; ``kh - 1`` and ``kw - 1`` pixels more with a ``valid`` border."""
        down, right = self._blur.trimmed
        return attrs.evolve(observed, height=observed.height + down, width=observed.width + right)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """The Fourier spectrum where the border is circular."""
        if self.border != "circular":
            return None
        self.output_space(space)
        return self._blur.circular(space.height, space.width, dtype, device)
