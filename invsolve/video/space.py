"""`VideoSpace`: the shape of a video, its frame rate and its light."""

import re
from typing import TYPE_CHECKING, Final, final

import attrs
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.validators import instance

if TYPE_CHECKING:
    from typing import Self

AXES: Final = ("channels", "frames", "height", "width")

_TRANSFER: Final = re.compile(r"linear|srgb|hlg|pq|unknown|gamma:\d+(\.\d+)?")


def _check_transfer(_: object, field: "attrs.Attribute[str]", value: str) -> None:
    if not _TRANSFER.fullmatch(value):
        raise SpaceError(
            f"{field.name} must be 'linear', 'srgb', 'gamma:<number>', 'hlg', 'pq' or 'unknown', got {value!r}."
        )


@final
@attrs.frozen
class VideoSpace:
    """The space of videos ``c t h w``; a still image has ``frames=1``.

    Attributes:
        frames: sizes of the axes ``t h w c``, each at least 1.
        height: sizes of the axes ``t h w c``, each at least 1.
        width: sizes of the axes ``t h w c``, each at least 1.
        channels: sizes of the axes ``t h w c``, each at least 1.
        frame_rate: frames per second, or None where time has no unit.
        transfer: what a value in [0, 1] means: ``linear`` light, display-encoded ``srgb`` or ``gamma:2.2``, ``hlg`` or
            ``pq`` of HDR video (ITU-R BT.2100), or ``unknown`` where nothing is claimed. Averages over an exposure
            happen in linear light.
        uneven: why the frames are not equally spaced in time, where it is known that they are not; no frame rate can be
            given then. Spaces are compared without it.

    Raises:
        SpaceError: for a size below 1 and for an unknown transfer.

    Examples:
        ```python
        VideoSpace(frames=8, height=64, width=64, frame_rate=240.0, transfer="linear")
        ```
    """

    frames: int = attrs.field(validator=instance(int))
    height: int = attrs.field(validator=instance(int))
    width: int = attrs.field(validator=instance(int))
    channels: int = attrs.field(default=3, validator=instance(int))
    frame_rate: float | None = None
    transfer: str = attrs.field(default="unknown", validator=_check_transfer)
    uneven: str | None = attrs.field(default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for axis, size in zip(AXES, self.shape, strict=True):
            if size < 1:
                raise SpaceError(f"a video space needs at least 1 along {axis}, got {size} in {self}.")
        if self.frame_rate is not None and not self.frame_rate > 0:
            raise SpaceError(f"frame_rate must be positive [frames/s], got {self.frame_rate}.")
        if self.uneven is not None and self.frame_rate is not None:
            object.__setattr__(self, "uneven", None)

    @classmethod
    def of(cls, video: Tensor, *, frame_rate: float | None = None, transfer: str = "unknown") -> "Self":
        """Read the space of a tensor ``b c t h w``."""
        if video.ndim != 5:
            raise SpaceError(f"a video tensor has the five axes b c t h w, got shape {tuple(video.shape)}.")
        _, c, t, h, w = video.shape
        return cls(frames=t, height=h, width=w, channels=c, frame_rate=frame_rate, transfer=transfer)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``(c, t, h, w)``."""
        return (self.channels, self.frames, self.height, self.width)

    def check(self, video: Tensor, what: str) -> None:
        """Raise `SpaceError` unless `video` is ``b c t h w`` of this space; `what` names the tensor in the message."""
        if video.ndim != 5:
            raise SpaceError(
                f"{what} has shape {tuple(video.shape)}, expected the five axes b c t h w = b {self.shape}."
            )
        self.check_shape(tuple(video.shape[1:]), what)

    def check_shape(self, shape: tuple[int, ...], what: str) -> None:
        """Raise `SpaceError` unless `shape` is the ``c t h w`` of this space, naming each axis that differs."""
        if shape == self.shape:
            return
        differing = ", ".join(
            f"{axis} is {found}, expected {wanted}"
            for axis, found, wanted in zip(AXES, shape, self.shape, strict=False)
            if found != wanted
        )
        raise SpaceError(f"{what} has shape c t h w = {shape}, expected {self.shape}: {differing}.")
