"""`STDiTConfiguration`: the sizes of a transformer, and those that have a name."""

from typing import Final, Literal, final

import attrs

from invsolve.errors import ComponentError

CrossAttention = Literal["none", "unused", "captions"]


@final
@attrs.frozen(kw_only=True)
class STDiTConfiguration:
    """Sizes of an `STDiTNetwork`.

    At most one of ``condition_vector`` and ``interval_vector``; the last two need a patch of one frame.

    Attributes:
        version: 1, with a table of positions for one grid, or 2, with rotary positions in time, a modulation of its own
            for the attention in time, and any grid.
        grid: ``t h w`` of the latent, for version 1.
        channels: of the latent.
        depth: blocks.
        width: of a token.
        heads: of each attention.
        patch: ``t h w``.
        learned_variance: twice as many output channels; the second half is a variance, which is not used.
        cross_attention: ``none``; ``captions``: to the tokens of an empty caption; ``unused``: its parameters are there
            and nothing calls them, as in the model of the source paper.
        sizes: version 2 embeds frame size, aspect ratio, number of frames and frame rate.
        condition_channels: of a video concatenated with the latent.
        condition_vector: numbers for each frame, which modulate its tokens as the noise level does.
        interval_vector: numbers for each frame, which one linear map adds to each of its tokens.
        observed_frame: the first latent frame is an observation, and a learned row tells it from the noisy ones.

    Raises:
        ComponentError: for sizes that do not fit each other.
    """

    version: Literal[1, 2] = 2
    channels: int = 12
    depth: int = 6
    width: int = 192
    heads: int = 6
    patch: tuple[int, int, int] = (1, 2, 2)
    learned_variance: bool = False
    cross_attention: CrossAttention = "none"
    sizes: bool = False
    grid: tuple[int, int, int] | None = None
    condition_channels: int = 0
    condition_vector: int = 0
    interval_vector: int = 0
    observed_frame: bool = False

    def __attrs_post_init__(self) -> None:
        if self.width % self.heads or self.width // self.heads % 2 or self.width % 4:
            raise ComponentError(
                f"the width {self.width} of an STDiT must be a multiple of 4, and an even multiple of its {self.heads}"
                " heads."
            )
        if self.sizes and self.width % 3:
            raise ComponentError(f"an STDiT that embeds sizes needs a width that is a multiple of 3, got {self.width}.")
        if self.version == 1 and self.grid is None:
            raise ComponentError("an STDiT of version 1 needs the grid t h w of its table of positions.")
        if self.version == 1 and self.sizes:
            raise ComponentError("an STDiT of version 1 embeds no sizes; leave sizes out, or take version 2.")
        if self.cross_attention == "captions" and self.version != 1:
            raise ComponentError("captions belong to version 1 of the STDiT; version 2 has none or unused ones.")
        if self.condition_vector and self.interval_vector:
            raise ComponentError(
                "a frame's numbers either modulate its tokens (condition_vector) or are added to them"
                " (interval_vector); leave one out."
            )
        if self.patch[0] != 1 and (self.interval_vector or self.observed_frame):
            raise ComponentError(f"an observed frame and intervals need patches of one frame, got {self.patch}.")

    @property
    def frame_numbers(self) -> int:
        """The count of numbers that the network takes for each frame."""
        return self.condition_vector + self.interval_vector

    @property
    def outputs(self) -> int:
        """Channels that the network gives."""
        return self.channels * (2 if self.learned_variance else 1)

    def tokens(self, frames: int, height: int, width: int) -> tuple[int, int, int]:
        """The grid of tokens of a latent ``t h w``; raises `ComponentError` if the patch does not divide it."""
        grid = (frames, height, width)
        if any(size % patch for size, patch in zip(grid, self.patch, strict=True)):
            raise ComponentError(f"the patch t h w = {self.patch} does not divide a latent of t h w = {grid}.")
        if self.version == 1 and grid != self.grid:
            raise ComponentError(f"these weights are for latents of t h w = {self.grid}, not {grid}.")
        t, h, w = (size // patch for size, patch in zip(grid, self.patch, strict=True))
        return t, h, w


CONFIGURATIONS: Final[dict[str, STDiTConfiguration]] = {
    "tiny": STDiTConfiguration(depth=2, width=24, heads=2),
    "small": STDiTConfiguration(depth=6, width=192, heads=6),
    "base": STDiTConfiguration(depth=10, width=320, heads=10),
    # Open-Sora 1.0 for 16 frames of 512 x 512, with its text branch
    "stdit-xl/2": STDiTConfiguration(
        version=1,
        channels=4,
        depth=28,
        width=1152,
        heads=16,
        learned_variance=True,
        cross_attention="captions",
        grid=(16, 64, 64),
    ),
    # the transformer of the source paper's code: 10 frames of 64 x 64 at factor 4
    "stdit2-xl/2": STDiTConfiguration(
        channels=3,
        depth=28,
        width=1152,
        heads=16,
        learned_variance=True,
        cross_attention="unused",
        sizes=True,
    ),
}
