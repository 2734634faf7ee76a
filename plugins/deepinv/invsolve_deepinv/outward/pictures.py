"""`Pictures`: tensors as deepinv has them, and as videos."""

from typing import final

import attrs
from torch import Tensor

from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class Pictures:
    """Single pictures are ``b c h w`` for deepinv, all else is ``b c t h w``.

    Attributes:
        space: of the videos.
        single: whether they, and what is observed of them, are single pictures.
    """

    space: VideoSpace
    single: bool

    @classmethod
    def of(cls, space: VideoSpace, observed: VideoSpace) -> "Pictures":
        """How deepinv sees `space`, of which it observes `observed`."""
        return cls(space, space.frames == 1 and observed.frames == 1)

    @property
    def size(self) -> tuple[int, ...]:
        """The shape of an item as deepinv calls it ``img_size``."""
        c, t, h, w = self.space.shape
        return (c, h, w) if self.single else (c, t, h, w)

    def into(self, x: Tensor) -> Tensor:
        """deepinv's tensor as ``b c t h w``."""
        return x.unsqueeze(2) if self.single else x

    def out(self, video: Tensor) -> Tensor:
        """A video as deepinv's tensor."""
        return video.squeeze(2) if self.single else video
