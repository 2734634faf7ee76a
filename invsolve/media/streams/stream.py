"""The frames of a video stream, one by one, with their times, as FFmpeg decodes them."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, final

import attrs
import av
from av.container import InputContainer
from av.filter import Graph
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from invsolve.errors import ReadError
from invsolve.media.streams.ffv1_slices import is_intact, slices

_TICK: Final = Fraction(1, 1000)
_TEXT: Final = "tty"
_AVI: Final = "avi"
_CAPTURE_RATE: Final = "com.android.capture.fps"
# an end that lies so many frames before the stated one is not rounding
_MISSING: Final = Fraction(1, 2)


def chosen_stream(container: InputContainer, number: int | None, path: Path) -> VideoStream:
    """The stream `number` among those of pictures, or the best one: no thumbnail where there is a film.

    Raises `ReadError` where there is none, and for text, which FFmpeg would draw as a terminal does.
    """
    if container.format.name == _TEXT:
        raise ReadError(f"{path} is text, not a video.")
    streams = container.streams.video
    if not streams:
        raise ReadError(f"{path} has no pictures: its streams are {[s.type for s in container.streams]}.")
    if number is not None:
        if number >= len(streams):
            raise ReadError(f"{path} has {len(streams)} video stream(s); there is no stream {number} (the first is 0).")
        return streams[number]
    return max(streams, key=_worth)


def _worth(stream: VideoStream) -> tuple[bool, bool, int]:
    """No cover picture, more than one frame (0: the header does not count them), the most pixels."""
    cover = bool(stream.disposition & Disposition.attached_pic)
    return not cover, stream.frames != 1, stream.codec_context.height * stream.codec_context.width


def capture_rate(container: InputContainer, stream: VideoStream) -> float | None:
    """The rate [frames/s] at which a phone claims to have recorded slow motion, or None."""
    stated = container.metadata.get(_CAPTURE_RATE) or stream.metadata.get(_CAPTURE_RATE)
    try:
        rate = float(stated or 0)
    except ValueError:
        return None
    return rate if rate > 0 else None


def count_stated(container: InputContainer, stream: VideoStream) -> int | None:
    """The number of frames that the header states, or None.

    That of AVI is no such number: it counts the moments at which the picture before stays, too.
    """
    return None if container.format.name == _AVI else stream.frames or None


def stated_rate(stream: VideoStream) -> Fraction | None:
    """The mean rate [frames/s] that the container states."""
    return stream.average_rate or stream.guessed_rate or None


def seconds(frame: VideoFrame) -> Fraction | None:
    """When a frame is shown, or None where the file does not say."""
    return None if frame.pts is None or frame.time_base is None else frame.pts * Fraction(frame.time_base)


@final
@attrs.define(eq=False)
class Intact:
    """Decoded frames; raises `ReadError` at the first that is damaged, and at an end before the stated one.

    - ``decoder``: of the stream, where that is not its own.
    - ``decoded``: how many came so far.
    """

    container: InputContainer
    stream: VideoStream
    path: Path
    decoder: VideoCodecContext | None = None
    decoded: int = 0
    _packets: int = 0
    _last: int = -1
    _gap: int = 1
    _end: Fraction | None = None
    _length: Fraction = Fraction(0)

    def frames(self) -> Iterator[VideoFrame]:
        """In the order in which they are shown."""
        decoder = self.decoder or self.stream.codec_context
        decoder.thread_type = "AUTO"
        checked = self.stream.codec_context.name == "ffv1"
        for packet in self.container.demux(self.stream):
            if packet.size > 0:
                self._packets += 1
                if packet.dts is not None:
                    self._gap = max(self._gap, packet.dts - self._last)
                    self._last = packet.dts
            if packet.is_corrupt or (checked and not all(map(is_intact, slices(bytes(packet)) or ()))):
                raise self._damage()
            for frame in decoder.decode(packet):
                if frame.is_corrupt:
                    raise self._damage()
                yield frame
                self.decoded += 1
                start = seconds(frame)
                if start is not None:
                    length = (frame.duration or 0) * Fraction(frame.time_base or 0)
                    self._end = max(self._end or start, start + length)
                    self._length = length
        self._check_end()

    def _damage(self) -> ReadError:
        return ReadError(
            f"{self.path} is damaged or cut short after frame {self.decoded - 1}."
            + (
                f" Get a complete copy, or use the intact part: `frames: 0..{self.decoded}`."
                if self.decoded
                else " Get a complete copy."
            )
        )

    def _check_end(self) -> None:
        stated = self.stream.frames
        if 0 < self._packets < stated and not self._stays(stated):
            raise ReadError(
                f"{self.path} is cut short: its header counts {stated} frames, but it holds {self._packets}. Get a"
                f" complete copy, or use what there is: `frames: 0..{self.decoded}`."
            )
        end, rate = self._stated_end(), stated_rate(self.stream)
        if stated or end is None or self._end is None or not rate or not self.decoded:
            return
        # where the length of a frame is not stored, the last one lasts as long as the others
        allowed = _MISSING if self._length else 1 + _MISSING
        if end - self._end > allowed / rate + _TICK:
            raise ReadError(
                f"{self.path} is cut short or has a hole: it states a length of {float(end):.3f} s, but its pictures"
                f" end at {float(self._end):.3f} s. Get a complete copy, or use what there is: `frames:"
                f" 0..{self.decoded}`."
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


def split_fields(frames: Iterator[VideoFrame], stream: VideoStream) -> Iterator[VideoFrame]:
    """Each interlaced frame as its two fields of half the height, the earlier one first, at twice the rate."""
    graph = Graph()
    source = graph.add_buffer(template=stream)
    split, sink = graph.add("separatefields"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(sink)
    graph.configure()
    for frame in frames:
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            pulled = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(pulled, VideoFrame):
            yield pulled
