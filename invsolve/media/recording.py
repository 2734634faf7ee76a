"""`Recording`: what a reader read."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.video.space import VideoSpace


@final
@attrs.frozen(eq=False, kw_only=True)
class Recording:
    """An observation with its space and, where it is known, the truth behind it.

    Attributes:
        video: ``b c t h w``, float32. Files hold values in [0, 1]; a simulated observation keeps its noise, so its
            values may leave that range.
        space: shape, frame rate [frames/s] and transfer of ``video``.
        name: what the user would call the input: a file name, the name of a sample picture.
        sha256: of the bytes that were read, in hexadecimal.
        notes: what was guessed of the file, and what a user should know of how it was taken; a run logs them.
        truth: the sharp video of a simulation, for the metrics; both or neither.
        truth_space: the sharp video of a simulation, for the metrics; both or neither.

    Raises:
        SpaceError: where a tensor does not lie in its space.
    """

    video: Float[Tensor, "b c t h w"]
    space: VideoSpace
    name: str
    sha256: str
    truth: Float[Tensor, "b c t2 h2 w2"] | None = None
    truth_space: VideoSpace | None = None
    notes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self.space.check(self.video, f"the recording {self.name!r}")
        if self.truth is not None and self.truth_space is not None:
            self.truth_space.check(self.truth, f"the truth of {self.name!r}")
