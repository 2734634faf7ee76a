"""`Mask`: some pixels are lost."""

from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Array, Nested, as_array, nested, path, read_array, shown, whole_numbers
from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import number, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_operators.spectra.diagonal import DiagonalSpectrum


@final
@attrs.frozen
class Mask(LinearOperator):
    """``y = m x`` with ``m`` in [0, 1]: 1 keeps a pixel, 0 loses it; all channels alike.

    One of ``keep``, ``hide``, ``values`` and ``file`` says what is kept.

    Closed form: diagonal; ``A^+ y = y / m`` where ``m > 0``, and 0 elsewhere.

    Attributes:
        keep: the probability that a pixel is kept, each on its own.
        seed: of these draws.
        per_frame: draw them anew in each frame; else they are the same in all.
        hide: a box ``(top, left, height, width)`` [pixels] that is lost.
        values: numbers ``h w``, or ``t h w`` for one mask per frame.
        file: ``.npy, .npz, .mat, .png, .tif, .txt, .csv``; values are divided by their largest.
        variable: which array of the file, and which item of it.
        index: which array of the file, and which item of it.

    Raises:
        ComponentError: for fields that contradict each other and values outside [0, 1].
        ReadError: for a file that cannot be read.
        SpaceError: for a mask or box that does not fit the video.

    References:
        The definition of inpainting.

    Examples:
        ```python
        Mask(keep=0.3, seed=1)
        Mask(hide=(16, 16, 32, 32))
        ```

        ```yaml
        operator: {use: mask, keep: 0.3, seed: 1}
        ```
    """

    keep: float | None = attrs.field(default=None, validator=optional(number(above=0.0, most=1.0)))
    seed: int = attrs.field(default=0, validator=whole(least=0))
    per_frame: bool = False
    hide: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=shown)
    variable: str | None = None
    index: int | None = None
    _table: Array | None = attrs.field(init=False, repr=False, eq=False)
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        sources = [name for name in ("keep", "hide", "values", "file") if getattr(self, name) is not None]
        if len(sources) != 1:
            raise ComponentError(f"give one of keep, hide, values and file, got {' and '.join(sources) or 'none'}.")
        if self.hide is not None and (len(self.hide) != 4 or min(self.hide) < 0 or min(self.hide[2:]) < 1):
            raise ComponentError(f"hide must be (top, left, height, width) with a size of 1 or more, got {self.hide}.")
        object.__setattr__(self, "_table", self._make_table())

    def _make_table(self) -> Array | None:
        if self.values is not None:
            table = as_array(self.values, "values", (2, 3))
        elif self.file is not None:
            table = read_array(self.file, self.variable, self.index)
            if table.ndim not in (2, 3):
                raise ComponentError(f"{self.file} holds an array of shape {table.shape}, not a mask h w or t h w.")
            table = table / max(table.max(), np.finfo(np.float64).tiny)
        else:
            return None
        if table.min() < 0 or table.max() > 1:
            raise ComponentError(f"a mask must lie in [0, 1], got values from {table.min():g} to {table.max():g}.")
        return table.reshape(-1, *table.shape[-2:])

    def _draw(self, frames: int, height: int, width: int) -> Array:
        if self._table is not None:
            if self._table.shape not in ((1, height, width), (frames, height, width)):
                raise SpaceError(
                    f"the mask has shape t h w = {self._table.shape}, but the video has ({frames}, {height}, {width})."
                )
            return self._table
        if self.hide is not None:
            top, left, tall, wide = self.hide
            if top + tall > height or left + wide > width:
                axis, needed, found = (
                    ("height", top + tall, height) if top + tall > height else ("width", left + wide, width)
                )
                raise SpaceError(f"the box to hide {self.hide} needs {axis} >= {needed}, got {found}.")
            table = np.ones((1, height, width))
            table[:, top : top + tall, left : left + wide] = 0
            return table
        draws = np.random.Generator(np.random.PCG64DXSM(self.seed))
        kept = draws.random((frames if self.per_frame else 1, height, width)) < (self.keep or 0.0)
        return kept.astype(np.float64)

    def _mask(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Tensor:
        key = (space.shape[1:], dtype, device)
        return self._cache.get(key, lambda: torch.from_numpy(self._draw(*space.shape[1:])).to(device, dtype)[None])

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``m x``."""
        return self._mask(VideoSpace.of(x), x.dtype, x.device) * x

    def adjoint(self, y: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``m y``."""
        return self.forward(y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        self._mask(space, torch.float64, torch.device("cpu"))
        return space

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`observed` itself."""
        return self.output_space(observed)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum:
        """``m`` itself in the standard basis."""
        return DiagonalSpectrum(self._mask(space, dtype, device))
