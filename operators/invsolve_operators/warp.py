"""`Warp`: every pixel looks at another place of the scene."""

from pathlib import Path
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Array, Nested, as_array, nested, path, read_array, shown
from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.motion.bilinear import Border, bilinear_sources, look_up, splat
from invsolve.operator import LinearOperator
from invsolve.validators import literal, number
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class Warp(LinearOperator):
    """``y[t, p] = x[t, p + s f(t, p)]`` over pixels ``p = (h, w)``: a flow ``f``, between pixels by bilinear weights.

    The adjoint is the splat: each value is shared out to the four pixels that it came from.

    No closed form: conjugate gradients stand in.

    Attributes:
        values: the flow ``2 h w``, or ``t 2 h w`` for one per frame, displacements along ``(h, w)`` [pixels]: positive
            is down and to the right; or
        file: the same in a ``.npy, .npz, .mat``.
        variable: which array of the file, and which item of it.
        index: which array of the file, and which item of it.
        scale: ``s``, a factor on the flow.
        border: beyond the frame the scene is ``zero``, or ``replicate`` (the edge goes on).

    Raises:
        ComponentError: for an array that is not an optical flow.
        ReadError: for a file that cannot be read.
        SpaceError: for a flow of another size than the video.

    References:
        Baker et al. 2011, section 2.1, for backward warping.

    Examples:
        ```python
        Warp(file="flow.npy", scale=0.5)
        ```

        ```yaml
        operator: {use: warp, file: flow.npy, scale: 0.5}
        ```
    """

    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=shown)
    variable: str | None = None
    index: int | None = None
    scale: float = attrs.field(default=1.0, validator=number())
    border: Border = attrs.field(default="zero", validator=literal(Border))
    _flow: Array = attrs.field(init=False, repr=False, eq=False)
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        if (self.values is None) == (self.file is None):
            raise ComponentError("give either values or file.")
        if self.file is not None:
            flow = read_array(self.file, self.variable, self.index)
        else:
            flow = as_array(self.values or (), "values", (3, 4))
        if flow.ndim not in (3, 4) or flow.shape[-3] != 2:
            raise ComponentError(
                f"an optical flow has shape 2 h w or t 2 h w (displacements along h, then w), got {flow.shape}."
            )
        object.__setattr__(self, "_flow", flow.reshape(-1, *flow.shape[-3:]))

    def _check(self, space: VideoSpace) -> None:
        frames, _, height, width = self._flow.shape
        if (height, width) != space.shape[2:] or frames not in (1, space.frames):
            raise SpaceError(
                f"the optical flow has t h w = ({frames}, {height}, {width}), but the video has {space.shape[1:]}."
            )

    def _sources(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """For the four corners ``k``: where ``t k p`` looks, as a flat pixel number, and with what weight."""

        def make() -> tuple[Tensor, Tensor]:
            places, shares = bilinear_sources(torch.from_numpy(self.scale * self._flow), self.border)
            return places.to(like.device), shares.to(like.device, like.dtype)

        return self._cache.get((like.dtype, like.device), make)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """Look up the four neighbours of where each pixel looks."""
        self._check(VideoSpace.of(x))
        return look_up(x, self._sources(x))

    def adjoint(self, y: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """Splat each value to the four pixels that it came from."""
        self._check(VideoSpace.of(y))
        return splat(y, self._sources(y))

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        self._check(space)
        return space

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`observed` itself."""
        return self.output_space(observed)
