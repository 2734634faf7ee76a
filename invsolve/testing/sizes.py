"""`Sizes`: which observations an operator is tried on, and the inputs that lead to them."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final, final

import attrs

from invsolve.errors import SpaceError
from invsolve.operator import Operator
from invsolve.prior import Prior
from invsolve.testing.case import Case
from invsolve.video.space import VideoSpace

CORNERS: Final = 4


@final
@attrs.frozen
class Sizes:
    """Sizes of the *observation*, simplest first; inputs follow from ``operator.input_space``.

    An operator that needs given sizes declares them; what it refuses with a `SpaceError` is not tried.

    Attributes:
        channels: sizes to draw from.
        frames: sizes to draw from.
        height: sizes to draw from.
        width: sizes to draw from.
        slack: how far an input may exceed the smallest one, along frames, height and width [frames or pixels].

    Examples:
        ```python
        Sizes(channels=(3,), height=(8, 16), width=(8, 24))
        ```
    """

    channels: tuple[int, ...] = (1, 3, 2)
    frames: tuple[int, ...] = (1, 2, 3)
    height: tuple[int, ...] = (4, 5, 7, 1)
    width: tuple[int, ...] = (5, 4, 8, 1)
    slack: tuple[int, ...] = (0, 1)

    def corners(self) -> Iterator[VideoSpace]:
        """Observations that take each declared size at least once, single frames and non-square ones among them."""
        longest = max(CORNERS, *map(len, (self.channels, self.frames, self.height, self.width)))
        for i in range(longest):
            yield VideoSpace(
                channels=self.channels[i % len(self.channels)],
                frames=self.frames[i % len(self.frames)],
                height=self.height[i % len(self.height)],
                width=self.width[i % len(self.width)],
            )


@final
@attrs.frozen
class Wanted:
    """One trial of an operator: an observation, and how far the input exceeds the smallest one that gives it."""

    observed: VideoSpace
    b: int = 1
    dtype: str = "float64"
    seed: int = 0
    slack: int = 0

    def input_of(self, operator: Operator) -> Case | None:
        """The input of `operator` that leads there; None where the operator refuses such observations."""
        try:
            space = operator.input_space(self.observed)
            operator.output_space(space)
        except SpaceError:
            return None
        if self.slack:
            space = self._larger(operator, space)
        c, t, h, w = space.shape
        return Case(b=self.b, c=c, t=t, h=h, w=w, dtype=self.dtype, seed=self.seed)

    def _larger(self, operator: Operator, space: VideoSpace) -> VideoSpace:
        larger = attrs.evolve(
            space,
            frames=space.frames + self.slack * (space.frames > 1),
            height=space.height + self.slack,
            width=space.width + self.slack,
        )
        try:
            operator.output_space(larger)
        except SpaceError:
            return space
        return larger


GRID: Final = tuple(
    VideoSpace(channels=c, frames=t, height=h, width=w)
    for t in (1, 2, 3, 4, 8, 16)
    for h in (1, 2, 4, 8, 16, 32)
    for w in (1, 2, 4, 6, 8, 16, 24, 32)
    for c in (1, 3)
)
"""Candidates for sizes that a component with constraints of its own accepts, small ones first."""


def video_cases(prior: Prior) -> tuple[Case, ...]:
    """A few videos that a prior models, without Hypothesis."""
    return tuple(
        Case(b=1 + i % 2, c=space.channels, t=space.frames, h=space.height, w=space.width, seed=i)
        for i, space in enumerate(islice(filter(partial(_models, prior), GRID), 2))
    )


def _models(prior: Prior, space: VideoSpace) -> bool:
    try:
        prior.latent_shape(space)
    except SpaceError:
        return False
    return True


def corner_cases(operator: Operator, sizes: Sizes) -> tuple[Case, ...]:
    """One case for each corner of `sizes` that the operator accepts, without Hypothesis; failing all, of a grid."""
    wanted = (
        Wanted(observed, b=1 + i % 2, seed=i, slack=max(sizes.slack) if i % 2 else 0)
        for i, observed in enumerate(sizes.corners())
    )
    cases = tuple(dict.fromkeys(filter(None, (each.input_of(operator) for each in wanted))))
    return cases or tuple(islice(filter(None, (Wanted(space).input_of(operator) for space in GRID)), 2))
