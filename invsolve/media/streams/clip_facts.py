"""`clip_facts`: what a video or an animated picture is taken for, and what of it is refused."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import av
from av.container import InputContainer
from av.video.stream import VideoStream

from invsolve.errors import ReadError
from invsolve.media.clip import decode_clip
from invsolve.media.frame_range import FrameRange
from invsolve.media.framing import Framing
from invsolve.media.memory_limit import require_room
from invsolve.media.refusals import Refusal, refusals
from invsolve.media.streams.decoder import decoder_of
from invsolve.media.streams.ending import Ending, count_stated, stated_rate
from invsolve.media.streams.frame_times import FrameTimes
from invsolve.media.streams.orientation import display_matrix
from invsolve.media.streams.planes import planes_of
from invsolve.media.streams.stream import Intact, capture_rate, chosen_stream
from invsolve.media.streams.stream_light import Claims, light_of
from invsolve.media.streams.taking import ClipTaking
from invsolve.video.primaries import SRGB, Chromaticities, named

Facts = dict[str, Any]

_FIRST = FrameRange(0, 1, 1)


def clip_facts(path: Path) -> tuple[Facts, tuple[Refusal, ...]]:
    """Size, light, times and geometry of the stream that is read, and what `VideoReader` refuses without more fields.

    An animated picture is decoded whole; of a video every packet is counted and the first frame decoded.

    Raises:
        ReadError: for a file that is no video.
    """
    from invsolve.media.streams import animation

    if animation.is_animation(path):
        facts = animation.animation_facts(path)
        every = FrameRange.parse(None, 1)
        refused = refusals(lambda fields: animation.decode_animation(path, every, Framing(), _taking(fields)))
        return facts, (*refused, *_uneven(facts))
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            facts, ending = _stream_facts(container, chosen_stream(container, None, path), path)
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is neither a picture nor a video that can be read: {error.strerror}.") from error
    refused = refusals(lambda fields: decode_clip(path, _FIRST, Framing(), _taking(fields)))
    return facts, (*refused, *ending, *_uneven(facts))


def primaries_in_words(chromaticities: Chromaticities | None) -> str:
    """A name where they have one; sRGB where nothing is declared."""
    return SRGB if chromaticities is None else named(chromaticities) or str(chromaticities)


def _taking(fields: Any) -> ClipTaking:
    return attrs.evolve(ClipTaking(), **fields)


def _uneven(facts: Facts) -> tuple[Refusal, ...]:
    """Frames at uneven times are read, but averages over time refuse them."""
    return tuple(Refusal("frame_rate", note) for note in facts["notes"])


def _stream_facts(container: InputContainer, stream: VideoStream, path: Path) -> tuple[Facts, tuple[Refusal, ...]]:
    tick, rate = stream.time_base, stated_rate(stream)
    ending, starts = Ending(container, stream, path), []
    for packet in container.demux(stream):
        ending.count(packet)
        if packet.size and packet.pts is not None and tick is not None and not packet.is_discard:
            starts.append(packet.pts * Fraction(tick))
            ending.show(packet.pts, starts[-1], (packet.duration or 0) * Fraction(tick))
    container.seek(0)
    frame = next(Intact(container, stream, path, decoder_of(stream, path)).frames(), None)
    if frame is None:
        raise ReadError(f"{path} is a video without a single frame.")
    light = light_of(frame, stream.codec_context.name, Claims(), path)
    planes = planes_of(frame, str(path))
    facts: Facts = {
        "read": "video",
        "format": f"{container.format.name}, {stream.codec_context.name}, {frame.format.name}",
        "stream": list(container.streams.video).index(stream),
        "streams": len(container.streams.video),
        "height": frame.height,
        "width": frame.width,
        "bits": planes.bits or 32,
        "alpha": planes.opacity is not None,
        "matrix": light.matrix if planes.kind == "yuv" else None,
        "range": light.span,
        "transfer": light.transfer,
        "primaries": primaries_in_words(light.primaries),
        "guessed": list(light.guessed),
        "pixel_aspect": str(stream.sample_aspect_ratio or 1),
        "display_matrix": display_matrix(frame),
        "interlaced": frame.interlaced_frame,
        "header_frames": count_stated(container, stream),
        "frames": len(starts),
        "stated_rate": None if rate is None else float(rate),
        "capture_rate": capture_rate(container, stream),
        "frame_rate": None,
        "first_times": None,
        "notes": [],
    }

    def room(_: object) -> None:
        ways = "Choose `frames: 0..16`, `stride`, `crop`, `size` or `longest_side`."
        require_room(path, (len(starts), 1 if planes.kind == "grey" else 3, frame.height, frame.width), 4, ways)

    refused = (*refusals(lambda _: ending.check(len(starts))), *refusals(room))
    if starts and tick is not None:
        starts.sort()
        times = FrameTimes(tuple(starts), starts[-1] + (1 / rate if rate else tick), Fraction(tick), rate)
        facts["frame_rate"] = None if times.uneven else times.rate
        facts["first_times"] = str([round(float(start), 6) for start in starts[:6]])
        facts["notes"] = [times.uneven] if times.uneven else []
    return facts, refused
