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

from invsolve.errors import OtherFormat, ReadError
from invsolve.media.streams.ending import Ending
from invsolve.media.streams.ffv1_slices import is_intact, slices

_TEXT: Final = "tty"
_LISTS: Final = ("concat", "hls", "dash", "imf")
"""FFmpeg's formats that name other files to read."""
_CAPTURE_RATE: Final = "com.android.capture.fps"


def chosen_stream(container: InputContainer, number: int | None, path: Path) -> VideoStream:
    """The stream `number` among those of pictures, or the best one: no thumbnail where there is a film.

    Raises:
        ReadError: where there is none, and for text, which FFmpeg would draw as a terminal does.
    """
    if container.format.name == _TEXT:
        raise OtherFormat(f"{path} is text, not a video.")
    if container.format.name in _LISTS:
        raise ReadError(f"{path} is a list of other files ({container.format.name}), not a video. Name one of those.")
    streams = container.streams.video
    if not streams:
        raise ReadError(f"{path} has no pictures: its streams are {[s.type for s in container.streams]}.")
    if number is not None:
        if number >= len(streams):
            raise ReadError(f"{path} has {len(streams)} video stream(s); there is no stream {number} (the first is 0).")
        return _known(streams[number], path)
    return _known(max(streams, key=_worth), path)


def _known(stream: VideoStream, path: Path) -> VideoStream:
    if _codec(stream) is None:
        raise ReadError(
            f"{path} is damaged, or in a code that FFmpeg does not know: its pictures cannot be decoded. Get a complete"
            " copy, or convert it."
        )
    return stream


def _codec(stream: VideoStream) -> VideoCodecContext | None:
    """A stream without a known code has none, whatever PyAV's types say."""
    return stream.codec_context


def _worth(stream: VideoStream) -> tuple[bool, bool, bool, int]:
    """A known code, no cover picture, more than one frame (0: the header does not count them), the most pixels."""
    cover, codec = bool(stream.disposition & Disposition.attached_pic), _codec(stream)
    return codec is not None, not cover, stream.frames != 1, codec.height * codec.width if codec else 0


def capture_rate(container: InputContainer, stream: VideoStream) -> float | None:
    """The rate [frames/s] at which a phone claims to have recorded slow motion, or None."""
    stated = container.metadata.get(_CAPTURE_RATE) or stream.metadata.get(_CAPTURE_RATE)
    try:
        rate = float(stated or 0)
    except ValueError:
        return None
    return rate if rate > 0 else None


def seconds(frame: VideoFrame) -> Fraction | None:
    """When a frame is shown, or None where the file does not say."""
    return None if frame.pts is None or frame.time_base is None else frame.pts * Fraction(frame.time_base)


@final
@attrs.define(eq=False)
class Intact:
    """Decoded frames; raises `ReadError` at the first that is damaged, and at an end before the stated one.

    Attributes:
        decoder: of the stream, where that is not its own.
        decoded: how many came so far.
    """

    container: InputContainer
    stream: VideoStream
    path: Path
    decoder: VideoCodecContext | None = None
    decoded: int = 0

    def frames(self) -> Iterator[VideoFrame]:
        """In the order in which they are shown."""
        decoder = self.decoder or self.stream.codec_context
        decoder.thread_type = "AUTO"
        checked = self.stream.codec_context.name == "ffv1"
        ending = Ending(self.container, self.stream, self.path)
        for packet in self.container.demux(self.stream):
            ending.count(packet)
            if packet.is_corrupt or (checked and not all(map(is_intact, slices(bytes(packet)) or ()))):
                raise self._damage()
            for frame in decoder.decode(packet):
                if frame.is_corrupt:
                    raise self._damage()
                yield frame
                self.decoded += 1
                ending.show(frame.pts, seconds(frame), (frame.duration or 0) * Fraction(frame.time_base or 0))
        ending.check(self.decoded)

    def _damage(self) -> ReadError:
        return ReadError(
            f"{self.path} is damaged or cut short after frame {self.decoded - 1}."
            + (
                f" Get a complete copy, or use the intact part: `frames: 0..{self.decoded}`."
                if self.decoded
                else " Get a complete copy."
            )
        )


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
