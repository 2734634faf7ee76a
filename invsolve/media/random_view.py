"""`RandomView`: one crop and one set of flips for all videos that belong together."""

from typing import Literal, final

import attrs
import numpy as np
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media.framing import parse_size

Flip = Literal["horizontal", "vertical", "time"]
AXES: dict[Flip, int] = {"time": 2, "vertical": 3, "horizontal": 4}


@final
@attrs.frozen
class RandomView:
    """Pixels ``top : top + height``, ``left : left + width``, turned over along some axes.

    Attributes:
        size: height and width, None for the whole picture.
    """

    top: int
    left: int
    size: tuple[int, int] | None
    axes: tuple[int, ...]

    @classmethod
    def draw(
        cls, crop: str | None, flips: tuple[Flip, ...], video: Tensor, rng: np.random.Generator, where: str
    ) -> "RandomView":
        """A place for a `crop` ``"HxW"`` anywhere in `video`, and each of the `flips` with a chance of one half.

        Raises:
            ReadError: where the crop is larger than the video, which `where` names.
        """
        axes = tuple(AXES[flip] for flip in flips if rng.random() < 0.5)
        if crop is None:
            return cls(0, 0, None, axes)
        height, width = parse_size(crop, "crop")
        rows, columns = video.shape[-2:]
        if height > rows or width > columns:
            raise ReadError(
                f"{where} has {rows}x{columns} pixels (height x width): crop {crop!r} does not fit into it."
            )
        top, left = int(rng.integers(rows - height + 1)), int(rng.integers(columns - width + 1))
        return cls(top, left, (height, width), axes)

    def apply(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h2 w2"]:
        """The view of a video."""
        if self.size is not None:
            height, width = self.size
            video = video[..., self.top : self.top + height, self.left : self.left + width]
        return video.flip(self.axes) if self.axes else video
