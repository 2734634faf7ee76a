"""`Case`: one generated input, small to print; the tensors are made from it."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class Case:
    """A video ``b c t h w`` of a dtype, drawn from a seed.

    What a failing test prints is this one line, and it makes the same tensors again.

    Examples:
        ```python
        Case(b=1, c=3, t=1, h=8, w=5, dtype="float64", seed=0).normal()
        ```
    """

    b: int
    c: int
    t: int
    h: int
    w: int
    dtype: str = "float64"
    seed: int = 0

    @property
    def space(self) -> VideoSpace:
        """The space of the videos."""
        return VideoSpace(frames=self.t, height=self.h, width=self.w, channels=self.c)

    @property
    def torch_dtype(self) -> torch.dtype:
        """The dtype as torch knows it."""
        dtype: torch.dtype = getattr(torch, self.dtype)
        return dtype

    def at(self, *, b: int | None = None, dtype: str | None = None, seed: int | None = None) -> "Case":
        """The same case with another batch size, dtype or seed."""
        return attrs.evolve(
            self,
            b=self.b if b is None else b,
            dtype=self.dtype if dtype is None else dtype,
            seed=self.seed if seed is None else seed,
        )

    def normal(self, stream: int = 0) -> Tensor:
        """Standard normal numbers ``b c t h w``; streams are independent of each other."""
        return self.normal_of(self.space, stream)

    def normal_of(self, space: VideoSpace, stream: int = 0) -> Tensor:
        """Standard normal numbers of another space, such as the observation's."""
        return self.normal_like((self.b, *space.shape), stream)

    def normal_like(self, shape: tuple[int, ...], stream: int = 0) -> Tensor:
        """Standard normal numbers of any shape."""
        drawn = torch.randn(shape, generator=self._generator(stream), dtype=torch.float64, device="cpu")
        return drawn.to(self.torch_dtype)

    def video(self, stream: int = 0) -> Tensor:
        """Uniform numbers in [0.05, 0.95] ``b c t h w``: a video that no camera has clipped."""
        shape = (self.b, *self.space.shape)
        drawn = torch.rand(shape, generator=self._generator(stream), dtype=torch.float64, device="cpu")
        return (0.05 + 0.9 * drawn).to(self.torch_dtype)

    def _generator(self, stream: int) -> torch.Generator:
        return torch.Generator().manual_seed(1000 * self.seed + stream)
