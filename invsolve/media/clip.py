"""`decode_clip`: frames of a video file, upright, as float32 in [0, 1]."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Final, final

import attrs
import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ChoiceNeeded, ReadError
from invsolve.media.frame_range import FrameRange
from invsolve.media.framing import Framing, resized
from invsolve.media.opacity import over
from invsolve.media.picture import with_channels
from invsolve.media.source import require_file
from invsolve.media.streams.colour import opacity_of, to_rgb
from invsolve.media.streams.decoder import decoder_of
from invsolve.media.streams.ending import count_stated, stated_rate
from invsolve.media.streams.frame_times import FrameTimes
from invsolve.media.streams.growing_clip import GrowingClip
from invsolve.media.streams.orientation import Turn, display_matrix, turn_of
from invsolve.media.streams.planes import planes_of
from invsolve.media.streams.stream import (
    Intact,
    capture_rate,
    chosen_stream,
    seconds,
    split_fields,
)
from invsolve.media.streams.stream_light import Claims, StreamLight, light_of
from invsolve.media.streams.swscale import Swscale
from invsolve.media.streams.taking import ClipTaking
from invsolve.video.primaries import SRGB, as_srgb, named

# where the chroma of these codecs lies: between the columns of the luma
_CENTRED: Final = ("mjpeg", "mpeg1video")
# frames that are turned into colours at once, while the next ones are decoded
_AT_ONCE: Final = 2


@final
@attrs.frozen(eq=False)
class Clip:
    """Decoded frames ``1 c t h w``, and what is known of their light and their times.

    Attributes:
        frame_rate: [frames/s] None where the file has none; ``uneven`` is the reason where frames are irregular.
        transfer: of the values.
        notes: what was guessed, and what a user should know.
    """

    video: Float[Tensor, "1 c t h w"]
    frame_rate: float | None
    transfer: str
    uneven: str | None = None
    notes: tuple[str, ...] = ()


def decode_clip(path: Path, frames: FrameRange, framing: Framing, taking: ClipTaking) -> Clip:
    """Decode the chosen frames one by one, each cropped and scaled before the next: memory holds the result only.

    Raises:
        ReadError: for a file that is not a video, without frames, cut short, shorter than `frames`, or whose frames
            would take more than 8 GiB.
    """
    try:
        # titles are of no concern here, and old cameras write them in other codes than UTF-8
        with av.open(str(path), metadata_errors="replace") as container, ThreadPoolExecutor(_AT_ONCE) as pool:
            return _Decoder(container, pool, path, frames, framing, taking).clip()
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is not a video that can be read, or is damaged: {error.strerror}.") from error


def count_frames(path: Path) -> int:
    """The number of frames in a video file: as stated, else as decoded; raises `ReadError` as `decode_clip`."""
    require_file(path)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = chosen_stream(container, None, path)
            return count_stated(container, stream) or sum(1 for _ in Intact(container, stream, path).frames())
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is not a video that can be read, or is damaged: {error.strerror}.") from error


@final
@attrs.define(eq=False)
class _Decoder:
    container: InputContainer
    pool: ThreadPoolExecutor
    path: Path
    frames: FrameRange
    framing: Framing
    taking: ClipTaking
    kept: GrowingClip = attrs.field(init=False)
    starts: list[Fraction | None] = attrs.field(factory=list)
    swscale: Swscale = attrs.field(factory=Swscale)
    light: StreamLight | None = None
    turn: Turn | None = None
    coming: deque[Future[Tensor]] = attrs.field(factory=deque)

    def clip(self) -> Clip:
        stream = chosen_stream(self.container, self.taking.stream, self.path)
        intact = Intact(self.container, stream, self.path, decoder_of(stream, self.path, self.taking.alpha))
        split = self.taking.interlaced == "split"
        self.kept = GrowingClip(self.path, self._expected(stream, split))
        count, length = 0, Fraction(0)
        codec = stream.codec_context.name
        for frame in split_fields(intact.frames(), stream) if split else intact.frames():
            if count in self.frames:
                self._keep(frame, count, codec, stream.sample_aspect_ratio)
                length = (frame.duration or 0) * Fraction(frame.time_base or 0)
            count += 1
            if self.frames.is_past(count):
                break
        self._take(0)
        if count == 0 or self.light is None:
            self.frames.check(count, str(self.path))
            raise ReadError(f"{self.path} is a video without a single frame.")
        self.frames.check(count, str(self.path))
        stated = stated_rate(stream)
        stated = None if stated is None else stated * (1 + split) / self.frames.stride
        tick = Fraction(stream.time_base or Fraction(1, 1000))
        video = self.kept.video()
        notes = self.light.notes
        rate, uneven = None if stated is None else float(stated), None
        starts = [start for start in self.starts if start is not None]
        if len(starts) == len(self.starts):
            step = 1 / stated if stated else length
            times = FrameTimes(tuple(starts), starts[-1] + max(length, step), tick, stated)
            rate, uneven = times.rate, times.uneven
            if self.taking.resample is not None:
                rate = self.taking.frame_rate or float(1 / times.usual_step)
                video, uneven = times.resampled(video, self.taking.resample, rate, self.light.transfer), None
        captured = capture_rate(self.container, stream)
        if self.taking.frame_rate is not None:
            rate = self.taking.frame_rate / (1 if self.taking.resample else self.frames.stride)
            uneven = None
        elif captured is not None and uneven is None and rate is not None and stated is not None:
            played, rate = rate, rate * captured * (1 + split) / (float(stated) * self.frames.stride)
            if abs(played - rate) > 0.01 * rate:
                notes = (
                    *notes,
                    f"slow motion: recorded at {rate:g} frames/s, played at {played:g}; the former is taken",
                )
        if uneven is not None:
            rate, notes = None, (*notes, uneven)
        return Clip(video, rate, self.light.transfer, uneven, notes)

    def _keep(self, frame: VideoFrame, number: int, codec: str, aspect: Fraction | None) -> None:
        where = f"frame {number} of {self.path}"
        if frame.interlaced_frame and self.taking.interlaced == "refuse":
            raise ChoiceNeeded(
                f"{self.path} is interlaced: each frame weaves two moments. Write `interlaced: split` for its fields,"
                " of half the height and twice the frame rate, or `interlaced: keep` to take frames as they are.",
                field="interlaced",
            )
        claims = Claims(self.taking.matrix, self.taking.span, self.taking.transfer, self.taking.primaries)
        light = light_of(frame, codec, claims, self.path)
        if self.light is None:
            self.light = light
            matrix = display_matrix(frame) if self.taking.orientation == "upright" else None
            self.turn = turn_of(matrix, self.path)
        out = self.kept.room(len(self.coming))
        self.coming.append(self.pool.submit(self._framed, frame, light, where, codec, aspect, out))
        self.starts.append(seconds(frame))
        # the first frame tells how much room the others take
        self._take(_AT_ONCE if self.kept.count else 0)

    def _take(self, left: int) -> None:
        """Keep the frames that are ready, in their order, until `left` are still to come."""
        while len(self.coming) > left:
            self.kept.append(self.coming.popleft().result())

    def _framed(
        self,
        frame: VideoFrame,
        light: StreamLight,
        where: str,
        codec: str,
        aspect: Fraction | None,
        out: Float[Tensor, "c h w"] | None,
    ) -> Float[Tensor, "c h w"]:
        planes = planes_of(frame, where)
        # BT.2020 puts chroma on the rows too; what a file says of that PyAV does not tell
        row_sited, centred = light.matrix == "bt2020", codec in _CENTRED
        if self.swscale.serves(frame, light.span):
            colour = self.swscale.to_rgb(frame, light.matrix, centred=centred, row_sited=row_sited, out=out)
        else:
            colour = to_rgb(planes, light.matrix, light.span, centred=centred, row_sited=row_sited, out=out)
        if named(light.primaries) != SRGB and colour.shape[0] == 3:
            if light.transfer == "unknown":
                raise ChoiceNeeded(
                    f"{self.path} has the primaries {named(light.primaries)}, which turn into sRGB's in linear light"
                    " only, and its transfer is unknown. Write `transfer:`, or `primaries: srgb`.",
                    field="primaries",
                )
            colour = as_srgb(colour, light.primaries, light.transfer)
        if (opacity := opacity_of(planes)) is not None:
            colour = over(colour, opacity, self.taking.alpha, where)
        colour = with_channels(colour, self.taking.channels)
        if aspect and aspect != 1 and self.taking.pixels == "square":
            h, w = colour.shape[-2:]
            size = (h, round(w * aspect)) if aspect > 1 else (round(h / aspect), w)
            colour = resized(colour[None, :, None], *size, light.transfer)[0, :, 0]
        assert self.turn is not None
        upright = self.turn(colour)[None, :, None]
        return self.framing.apply(upright, where, light.transfer)[0, :, 0]

    def _expected(self, stream: VideoStream, split: bool) -> int | None:
        """How many frames will be kept, as far as the header tells."""
        stated = count_stated(self.container, stream)
        if stated is None:
            return None
        return len(range(stated * (1 + split))[self.frames.start : self.frames.stop : self.frames.stride]) or None
