"""`Warp`: every pixel looks at another place of the scene."""

from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import LinearOperator
from invsolve.space import VideoSpace
from invsolve.validators import number, one_of
from invsolve_operators.array_file import Array, read_array
from invsolve_operators.cache import Cache
from invsolve_operators.fields import Nested, as_array, nested, path, path_repr


@final
@attrs.frozen
class Warp(LinearOperator):
    """``y[t, p] = x[t, p + s f(t, p)]`` over pixels ``p = (h, w)``: a flow ``f``, between pixels by bilinear weights.

    The adjoint is the splat: each value is shared out to the four pixels that it came from.

    - ``values`` or ``file``: the flow ``2 h w``, or ``t 2 h w`` for one per frame, displacements along ``(h, w)``
      [pixels]: positive is down and to the right. ``file``: ``.npy, .npz, .mat`` with ``variable`` and ``index``.
    - ``scale``: ``s``, a factor on the flow.
    - ``border``: beyond the frame the scene is ``zero``, or ``replicate`` (the edge goes on).

    No closed form: conjugate gradients stand in.

    Raises `ComponentError` for an array that is no flow, `ReadError` for a file that cannot be read, `SpaceError` for a
    flow of another size than the video.

    ```python
    Warp(file="flow.npy", scale=0.5)
    ```
    ```yaml
    operator: {use: warp, file: flow.npy, scale: 0.5}
    ```

    **Source:** Baker et al. 2011, section 2.1, for backward warping.
    """

    values: Nested | None = attrs.field(default=None, converter=nested)
    file: Path | None = attrs.field(default=None, converter=path, repr=path_repr)
    variable: str | None = None
    index: int | None = None
    scale: float = attrs.field(default=1.0, validator=number())
    border: str = attrs.field(default="zero", validator=one_of(("zero", "replicate")))
    _flow: Array = attrs.field(init=False, repr=False, eq=False)
    _cache: Cache = attrs.field(init=False, repr=False, eq=False, factory=Cache)

    def __attrs_post_init__(self) -> None:
        if (self.values is None) == (self.file is None):
            raise ComponentError("give values or file, one of them.")
        if self.file is not None:
            flow = read_array(self.file, self.variable, self.index)
        else:
            flow = as_array(self.values or (), "values", (3, 4))
        if flow.ndim not in (3, 4) or flow.shape[-3] != 2:
            raise ComponentError(
                f"a flow has shape 2 h w or t 2 h w (displacements along h, then w), got {flow.shape}."
            )
        object.__setattr__(self, "_flow", flow.reshape(-1, *flow.shape[-3:]))

    def _check(self, space: VideoSpace) -> None:
        frames, _, height, width = self._flow.shape
        if (height, width) != space.shape[2:] or frames not in (1, space.frames):
            raise SpaceError(
                f"the flow has t h w = ({frames}, {height}, {width}), but the video has {space.shape[1:]}."
            )

    def _sources(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """For the four corners ``k``: where ``t k p`` looks, as a flat pixel number, and with what weight."""

        def make() -> tuple[Tensor, Tensor]:
            places, shares = bilinear_sources(self.scale * self._flow, self.border)
            return torch.from_numpy(places).to(like.device), torch.from_numpy(shares).to(like.device, like.dtype)

        return self._cache.get((like.dtype, like.device), make)

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """Look up the four neighbours of where each pixel looks."""
        self._check(VideoSpace.of(x))
        places, shares = self._sources(x)
        flat = x.flatten(-2)
        frames = flat.shape[2]
        corners = [shares[:, k] * flat.gather(-1, places[:, k].expand(*flat.shape[:2], frames, -1)) for k in range(4)]
        return torch.stack(corners).sum(0).reshape(x.shape)

    def adjoint(self, y: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """Splat each value to the four pixels that it came from."""
        self._check(VideoSpace.of(y))
        places, shares = self._sources(y)
        flat = y.flatten(-2)
        frames = flat.shape[2]
        splatted = torch.zeros_like(flat)
        for k in range(4):
            splatted = splatted.scatter_add(-1, places[:, k].expand(*flat.shape[:2], frames, -1), shares[:, k] * flat)
        return splatted.reshape(y.shape)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """`space` itself."""
        self._check(space)
        return space

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """`observed` itself."""
        return self.output_space(observed)


def bilinear_sources(flow: Array, border: str) -> tuple["np.ndarray[tuple[int, ...], np.dtype[np.int64]]", Array]:
    """Flat pixel numbers and weights ``t 4 p`` of the four neighbours of ``p + flow(p)``; the flow is ``t 2 h w``."""
    _, _, height, width = flow.shape
    rows = np.arange(height)[:, None] + flow[:, 0]
    columns = np.arange(width)[None, :] + flow[:, 1]
    if border == "replicate":
        rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    places, shares = [], []
    for down in (0, 1):
        for right in (0, 1):
            row, column = top + down, left + right
            share = (1 - np.abs(rows - row)) * (1 - np.abs(columns - column))
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            shares.append(np.where(inside, share, 0.0))
            places.append(np.where(inside, row * width + column, 0))
    frames = len(flow)
    return (
        np.stack(places, axis=1).reshape(frames, 4, -1),
        np.stack(shares, axis=1).reshape(frames, 4, -1),
    )
