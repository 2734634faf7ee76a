"""Reader `video`: a clip from a video file."""

from pathlib import Path
from typing import final

import attrs

from invsolve.files.sha256 import sha256_of
from invsolve.media.clip import decode_clip
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.picture import Channels
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.validators import one_of, optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class VideoReader(Reader):
    """Frames of a video file (mp4, mov, mkv, webm, avi, animated gif, ...), ``1 c t h w``, float32 in [0, 1].

    Turned upright, and with the file's frame rate [frames/s], divided by ``stride``.

    - ``path``: the file.
    - ``frames``: which ones: ``"0..16"`` is frames 0 to 15, ``"30.."`` all from 30, ``16`` the first 16.
    - ``stride``: take every so many frames of these.
    - ``channels``: ``auto``, ``grey`` or ``rgb``.
    - ``crop``, ``size``, ``longest_side``: cut and scaled in this order; see `Framing`.
    - ``transfer``: ``srgb``, ``linear``, ``gamma:2.2``; by default ``srgb``, and ``unknown`` for HDR clips (PQ, HLG).

    Raises `ReadError` for a file that is missing, no video, empty, damaged, or shorter than asked for.

    ```python
    recording = VideoReader(path=Path("clip.mp4"), frames="0..16", size="256x384").read(ReadContext())
    ```
    ```yaml
    input: {read: video, path: clip.mp4, frames: 0..16, size: 256x384}
    ```
    """

    path: Path
    frames: int | str | None = attrs.field(default=None, validator=check_frames)
    stride: int = attrs.field(default=1, validator=whole(least=1))
    channels: Channels = attrs.field(default="auto", validator=one_of(("auto", "grey", "rgb")))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    transfer: str | None = attrs.field(default=None, validator=check_transfer)

    def read(self, context: ReadContext) -> Recording:
        """Decode the frames."""
        del context
        framing = Framing(self.crop, self.size, self.longest_side)
        clip = decode_clip(self.path, FrameRange.parse(self.frames, self.stride), framing, self.channels)
        transfer = clip.transfer if self.transfer is None else self.transfer
        space = VideoSpace.of(clip.video, frame_rate=clip.frame_rate, transfer=transfer)
        return Recording(video=clip.video, space=space, name=self.path.stem, sha256=sha256_of(self.path))
