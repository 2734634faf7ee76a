"""`Packing`: measurements of any shape as videos ``b c t h w``, and back."""

import math
from typing import Any, Literal, TypeAlias, final

import attrs
import torch
from einops import rearrange
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve_deepinv.library import library

Layout = Literal["frames", "video"]
Shape: TypeAlias = tuple[int, ...]


def enter(x: Tensor, layout: Layout) -> Tensor:
    """A video ``b c t h w`` as deepinv takes it: a batch of frames ``(b t) c h w``, or the video itself."""
    return rearrange(x, "b c t h w -> (b t) c h w") if layout == "frames" else x


def leave(pictures: Tensor, layout: Layout, count: int) -> Tensor:
    """The reverse of `enter` for `count` videos."""
    return rearrange(pictures, "(b t) c h w -> b c t h w", b=count) if layout == "frames" else pictures


@final
@attrs.frozen
class Packing:
    """What a measurement of one item looks like, and how it lies in a tensor ``c h w`` (frames) or ``c t h w`` (video).

    One real picture stays a picture. Complex numbers become twice the channels, real parts first. A vector is a row of
    pixels; of more axes than a picture has, all but the last go into the channels. Several measurements are one row.

    Attributes:
        layout: whether deepinv sees frames or videos.
        shapes: of the tensors of one measurement, without the batch axis; several where physics are stacked.
        complex_: whether their numbers are complex.
        listed: whether deepinv wants them as its `TensorList`.
    """

    layout: Layout
    shapes: tuple[Shape, ...]
    complex_: bool
    listed: bool

    @classmethod
    def of(cls, measured: Any, layout: Layout) -> "Packing":
        """The packing of a measurement that deepinv gave."""
        listed = not isinstance(measured, Tensor)
        parts = list(measured) if listed else [measured]
        return cls(layout, tuple(tuple(p.shape[1:]) for p in parts), any(p.is_complex() for p in parts), listed)

    @property
    def target(self) -> Shape:
        """The shape of one packed item: ``c h w`` for frames, ``c t h w`` for videos."""
        axes = 3 if self.layout == "frames" else 4
        if len(self.shapes) > 1:
            size = sum(math.prod(shape) for shape in self.shapes) * (2 if self.complex_ else 1)
            return (*(1,) * (axes - 1), size)
        shape = self.shapes[0]
        spare = len(shape) - axes
        packed = (math.prod(shape[: spare + 1]), *shape[spare + 1 :]) if spare > 0 else _spread(shape, axes)
        return (2 * packed[0], *packed[1:]) if self.complex_ else packed

    @property
    def plain(self) -> bool:
        """Whether a measurement is one real picture (or video) as it stands."""
        return not (self.listed or self.complex_) and self.shapes[0] == self.target

    def pack(self, measured: Any, count: int) -> Tensor:
        """A measurement of `count` videos as ``b c t h w``."""
        parts = list(measured) if self.listed else [measured]
        if self.complex_:
            parts = [torch.view_as_real(p.resolve_conj()).movedim(-1, 1) for p in parts]
        items = parts[0].shape[0]
        if len(parts) > 1:
            parts = [torch.cat([p.reshape(items, -1) for p in parts], dim=1)]
        return leave(parts[0].reshape(items, *self.target), self.layout, count)

    def unpack(self, y: Tensor) -> Any:
        """A video ``b c t h w`` as the measurement that deepinv expects; raises `SpaceError` for another shape."""
        flat = enter(y, self.layout)
        if tuple(flat.shape[1:]) != self.target:
            axes = "c h w" if self.layout == "frames" else "c t h w"
            raise SpaceError(f"a measurement has {axes} = {self.target} here, got {tuple(flat.shape[1:])}.")
        items, parts = flat.shape[0], []
        sizes = [math.prod(shape) * (2 if self.complex_ else 1) for shape in self.shapes]
        for part, shape in zip(torch.split(flat.reshape(items, -1), sizes, dim=1), self.shapes, strict=True):
            if self.complex_:
                pairs = part.reshape(items, 2, *shape).movedim(1, -1).contiguous()
                parts.append(torch.view_as_complex(pairs))
            else:
                parts.append(part.reshape(items, *shape))
        return library().utils.TensorList(parts) if self.listed else parts[0]


def _spread(shape: Shape, axes: int) -> Shape:
    """Fewer axes than a picture: a vector is a row, ``c m`` is a row for each channel."""
    if len(shape) < 2:
        return (*(1,) * (axes - len(shape)), *shape)
    return (shape[0], *(1,) * (axes - len(shape)), *shape[1:])
