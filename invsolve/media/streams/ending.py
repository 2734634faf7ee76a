"""`Ending`: whether a video stream goes on as long as its file states."""

from fractions import Fraction
from pathlib import Path
from typing import Final, final

import attrs
import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from invsolve.errors import ReadError

_AVI: Final = "avi"
# where every packet has a time of its own, and is a whole picture
_TIMED: Final = ("mov", "matroska")
_A_PICTURE_EACH: Final = ("h264", "hevc", "ffv1", "mjpeg", "prores", "png", "rawvideo")
_TICK: Final = Fraction(1, 1000)
# an end that lies so many frames before the stated one is not rounding
_MISSING: Final = Fraction(1, 2)


def count_stated(container: InputContainer, stream: VideoStream) -> int | None:
    """The number of frames that the header states, or None.

    That of AVI is no such number: it counts the moments at which the picture before stays, too.
    """
    return None if container.format.name == _AVI else stream.frames or None


def stated_rate(stream: VideoStream) -> Fraction | None:
    """The mean rate [frames/s] that the container states."""
    return stream.average_rate or stream.guessed_rate or None


@final
@attrs.define(eq=False)
class Ending:
    """Packets and pictures as they come, then compared with the number and the length that the file states."""

    container: InputContainer
    stream: VideoStream
    path: Path
    _packets: int = 0
    _last: int = -1
    _gap: int = 1
    _end: Fraction | None = None
    _length: Fraction = Fraction(0)
    _due: list[int] = attrs.field(factory=list)
    _shown: set[int] = attrs.field(factory=set)

    def count(self, packet: "Packet[VideoStream]") -> None:
        """One more packet; the empty one that ends a stream is none."""
        if packet.size == 0:
            return
        self._packets += 1
        if packet.pts is not None and not packet.is_discard and (packet.is_keyframe or self._due):
            self._due.append(packet.pts)
        if packet.dts is not None:
            self._gap = max(self._gap, packet.dts - self._last)
            self._last = packet.dts

    def show(self, stamp: int | None, start: Fraction | None, length: Fraction) -> None:
        """One more picture, shown from `start` on [s], None where that is not known, for `length` [s].

        Args:
            stamp: its time as the packet had it.
        """
        if stamp is not None:
            self._shown.add(stamp)
        if start is not None:
            self._end = max(self._end or start, start + length)
            self._length = length

    def check(self, count: int) -> None:
        """Raise `ReadError` where the stream ends before it is said to; `count` is the number of its pictures."""
        self._check_shown()
        stated = self.stream.frames
        if 0 < self._packets < stated and not self._stays(stated):
            raise ReadError(
                f"{self.path} is cut short: its header counts {stated} frames, but it holds {self._packets}. Get a"
                f" complete copy, or use what there is: `frames: 0..{count}`."
            )
        end, rate = self._stated_end(), stated_rate(self.stream)
        if stated or end is None or self._end is None or not rate or not count:
            return
        # where the length of a frame is not stored, the last one lasts as long as the others
        allowed = _MISSING if self._length else 1 + _MISSING
        if end - self._end > allowed / rate + _TICK:
            raise ReadError(
                f"{self.path} is cut short or has a hole: it states a length of {float(end):.3f} s, but its pictures"
                f" end at {float(self._end):.3f} s. Get a complete copy, or use what there is: `frames: 0..{count}`."
            )

    def _check_shown(self) -> None:
        """Every packet of these codes is a picture; those shown before the first that stands alone may need others."""
        name = self.container.format.name
        if self.stream.codec_context.name not in _A_PICTURE_EACH or not name.startswith(_TIMED) or not self._due:
            return
        lost = [stamp for stamp in self._due if stamp >= self._due[0] and stamp not in self._shown]
        if lost:
            raise ReadError(
                f"{self.path} is damaged: {len(lost)} of its {len(self._due)} pictures cannot be decoded. Get a"
                " complete copy."
            )

    def _stays(self, stated: int) -> bool:
        """True if the moments of an AVI that are left are no more than the last picture may stay."""
        return self.container.format.name == _AVI and stated - self._last <= self._gap

    def _stated_end(self) -> Fraction | None:
        """The end of the stream [s], as far as the file states that of this stream and not of its sound.

        Containers other than Matroska count their frames, or have no length but an estimate.
        """
        if not self.container.format.name.startswith("matroska"):
            return None
        if self.stream.duration is not None and self.stream.time_base is not None:
            return (self.stream.duration + (self.stream.start_time or 0)) * Fraction(self.stream.time_base)
        noted = self.stream.metadata.get("DURATION", "").split(":")
        if len(noted) == 3:
            try:
                hours, minutes, rest = (Fraction(part) for part in noted)
            except ValueError:
                return None
            return hours * 3600 + minutes * 60 + rest
        if len(self.container.streams) == 1 and self.container.duration:
            return Fraction(self.container.duration, av.time_base)
        return None
