"""Abstract `Reader`, and the `ReadContext` it may consult."""

import abc
from typing import ClassVar, final

import attrs

from invsolve.media.recording import Recording
from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.parts import Part
from invsolve.returned import check_instance
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class ReadContext:
    """The rest of a recipe, for readers that make their own observation.

    Attributes:
        operator: the operator chain of the recipe, or None outside of a recipe.
        noise: the noise of the recipe, or None for none.
        seed: the seed of the recipe.
    """

    operator: Operator | None = None
    noise: Noise | None = None
    seed: int = 0


class Reader(Part):
    """Reads an observation. Fields say what to read and how; reading happens in `read`, not in the constructor.

    Attributes:
        suffixes: how the names of its files end, in lower case, so that a recipe with a file's name in place of the
            reader's can be told what to write.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def read(self, context: ReadContext) -> Recording:
        """Read the input; raises `ReadError` naming the file, what was found in it and what to do."""


def read_from(reader: Reader, context: ReadContext) -> Recording:
    """``reader.read(context)``; raises `BrokenPlugin` where that is no `Recording`."""
    recording = reader.read(context)
    check_instance(reader, "read", recording, Recording)
    return recording


def check_transfer(_: object, __: object, value: str | None) -> None:
    """Validate a field ``transfer`` (attrs validator); raises `SpaceError` for an unknown one."""
    if value is not None:
        VideoSpace(frames=1, height=1, width=1, transfer=value)
