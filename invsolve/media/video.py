"""Reader `video`: a clip from a video file."""

from pathlib import Path
from typing import ClassVar, Final, final

import attrs

from invsolve.errors import ReadError
from invsolve.files.sha256 import hashing
from invsolve.media.clip import Clip, decode_clip
from invsolve.media.clip_files import VIDEOS
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.opacity import Alpha
from invsolve.media.picture import Channels, check_primaries
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_file
from invsolve.media.streams.colour import MatrixName, RangeName
from invsolve.media.streams.frame_times import Resample
from invsolve.media.streams.taking import ClipTaking, Interlaced, Orientation, Pages, Pixels
from invsolve.media.values import Outside
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace

_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\x76\x2f\x31\x01")


@final
@attrs.frozen
class VideoReader(Reader):
    """Frames of a video file (mp4, mov, mkv, webm, avi, ...), ``1 c t h w``, float32 in [0, 1].

    Animated GIF, PNG and WebP pictures and stacks of TIFF pages are clips too. Y'CbCr becomes RGB in float; what the
    file declares (matrix, range, transfer, primaries, display matrix, pixel aspect, recording rate of slow motion) is
    obeyed, and what it does not is guessed and logged.

    Frames that are not equally spaced in time have no frame rate; averages over time refuse them, naming the step.

    Attributes:
        path: the file.
        stream: which video stream, from 0; by default the best one.
        frames: which ones: ``"0..16"`` is frames 0 to 15, ``"30.."`` all from 30, ``16`` the first 16.
        stride: take every n-th of these frames.
        frame_rate: [frames/s] instead of the file's, which is divided by ``stride``; with ``resample`` of the result.
        resample: frames that are equally spaced, of a file whose frames are not: ``nearest`` repeats and leaves out,
            ``exposure`` averages the light that was shown while each lasts.
        interlaced: ``refuse`` frames that weave two moments, ``split`` them into fields, or ``keep`` them.
        channels: ``auto``, ``grey`` or ``rgb``.
        alpha: what to do with transparent pixels: ``refuse``, ``black``, ``white`` or ``drop``.
        crop: first cut out `HxW` pixels from the middle, or `HxW+TOP+LEFT`: height, then width.
        size: then scale, with its proportions kept, until it covers `HxW` pixels, and cut off the rest evenly.
        longest_side: then scale down until neither side is longer [pixels].
        orientation: ``upright`` turns and mirrors as the file asks, ``stored`` does not.
        pixels: ``square`` scales those that are not, ``stored`` does not.
        transfer: as in `ImageReader`; HDR clips are ``hlg`` or ``pq``.
        primaries: as in `ImageReader`; HDR clips are ``hlg`` or ``pq``.
        matrix: of Y'CbCr, ``bt601``, ``bt709``, ``bt2020``, ``smpte240m`` or ``fcc``, instead of the file's own.
        range: of its numbers, ``limited`` or ``full``, instead of the file's own.
        white: of stacks of TIFF pages and animated pictures, as in `ImageReader`.
        outside: of stacks of TIFF pages and animated pictures, as in `ImageReader`.
        pages: ``frames`` takes the pages of a TIFF file for frames where the file says that they are channels.

    Raises:
        ReadError: for a file that is missing, no video, empty, damaged, interlaced, or shorter than asked for.

    Examples:
        ```python
        recording = VideoReader(path=Path("clip.mp4"), frames="0..16", size="256x384").read(ReadContext())
        ```

        ```yaml
        input: {read: video, path: clip.mp4, frames: 0..16, size: 256x384}
        ```
    """

    suffixes: ClassVar[tuple[str, ...]] = VIDEOS

    path: Path = attrs.field(converter=as_path)
    stream: int | None = attrs.field(default=None, validator=optional(whole(least=0)))
    frames: int | str | None = attrs.field(default=None, validator=check_frames)
    stride: int = attrs.field(default=1, validator=whole(least=1))
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    resample: Resample | None = attrs.field(default=None, validator=optional(literal(Resample)))
    interlaced: Interlaced = attrs.field(default="refuse", validator=literal(Interlaced))
    channels: Channels = attrs.field(default="auto", validator=literal(Channels))
    alpha: Alpha = attrs.field(default="refuse", validator=literal(Alpha))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    orientation: Orientation = attrs.field(default="upright", validator=literal(Orientation))
    pixels: Pixels = attrs.field(default="square", validator=literal(Pixels))
    transfer: str | None = attrs.field(default=None, validator=check_transfer)
    primaries: str | None = attrs.field(default=None, validator=check_primaries)
    matrix: MatrixName | None = attrs.field(default=None, validator=optional(literal(MatrixName)))
    range: RangeName | None = attrs.field(default=None, validator=optional(literal(RangeName)))
    white: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    outside: Outside | None = attrs.field(default=None, validator=optional(literal(Outside)))
    pages: Pages | None = attrs.field(default=None, validator=optional(literal(Pages)))

    def read(self, context: ReadContext) -> Recording:
        """Decode the frames."""
        del context
        require_file(self.path)
        with hashing(self.path) as sha256:
            clip = self._clip()
        space = VideoSpace.of(clip.video, frame_rate=clip.frame_rate, transfer=clip.transfer)
        return Recording(
            video=clip.video,
            space=attrs.evolve(space, uneven=clip.uneven),
            name=self.path.stem,
            sha256=sha256.result(),
            notes=clip.notes,
        )

    def _clip(self) -> Clip:
        from invsolve.media.formats import exr, tiff
        from invsolve.media.streams import animation

        require_file(self.path)
        taking = ClipTaking(
            self.channels,
            self.alpha,
            self.transfer,
            self.primaries,
            self.matrix,
            self.range,
            self.frame_rate,
            self.resample,
            self.interlaced,
            self.orientation,
            self.pixels,
            self.stream,
            self.white,
            self.outside,
            self.pages,
        )
        framing = Framing(self.crop, self.size, self.longest_side)
        frames = FrameRange.parse(self.frames, self.stride)
        with self.path.open("rb") as stream:
            head = stream.read(16)
        if head[:4] == exr.SIGNATURE:
            raise ReadError(f"{self.path} is an OpenEXR picture. Write `read: image`, or `read: frames` for a folder.")
        if tiff.is_tiff(head):
            return animation.decode_pages(self.path, frames, framing, taking)
        if self.pages is not None:
            raise ReadError(f"{self.path} is no TIFF file: `pages:` is for its pages. Leave it out.")
        if head.startswith(_PICTURES) and head[8:12] != b"AVI ":
            decode = animation.decode_animation if animation.is_animation(self.path) else animation.still_clip
            return decode(self.path, frames, framing, taking)
        stray = [name for name in ("white", "outside") if getattr(self, name) is not None]
        if stray:
            raise ReadError(f"{self.path} is a video, which states its range: `{stray[0]}:` is for stacks of pictures.")
        return decode_clip(self.path, frames, framing, taking)
