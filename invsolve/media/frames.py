"""Reader `frames`: a clip from a folder of pictures."""

from pathlib import Path
from typing import final

import attrs
import torch

from invsolve.errors import ReadError
from invsolve.files.sha256 import sha256_of
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.picture import SUFFIXES, Alpha, Channels, read_picture
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_folder
from invsolve.media.spoken_order import spoken_order
from invsolve.validators import number, one_of, optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class FramesReader(Reader):
    """The pictures of a folder as the frames of a clip, ``1 c t h w``, float32 in [0, 1].

    Pictures are sorted as people count (``frame2`` before ``frame10``); other files are left out.

    - ``path``: the folder.
    - ``frame_rate`` [frames/s]: of the clip, where it is known.
    - ``frames``: which ones: ``"0..16"`` is the first 16, ``"30.."`` all from number 30, ``16`` the first 16.
    - ``stride``: take every so many frames of these; the frame rate is divided by it.
    - ``channels``, ``alpha``, ``crop``, ``size``, ``longest_side``, ``transfer``: as in `ImageReader`.

    Raises `ReadError` for a folder that is missing or without pictures, for pictures of different sizes, and for each
    reason that `ImageReader` has.

    ```python
    recording = FramesReader(path=Path("clip/"), frame_rate=240.0, frames="0..8").read(ReadContext())
    ```
    ```yaml
    input: {read: frames, path: clip/, frame_rate: 240.0, frames: 0..8}
    ```
    """

    path: Path
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    frames: int | str | None = attrs.field(default=None, validator=check_frames)
    stride: int = attrs.field(default=1, validator=whole(least=1))
    channels: Channels = attrs.field(default="auto", validator=one_of(("auto", "grey", "rgb")))
    alpha: Alpha = attrs.field(default="refuse", validator=one_of(("refuse", "black", "white", "drop")))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    transfer: str = attrs.field(default="srgb", validator=check_transfer)

    def read(self, context: ReadContext) -> Recording:
        """Read the pictures in order."""
        del context
        files = self._files()
        framing = Framing(self.crop, self.size, self.longest_side)
        pictures = [framing.apply(read_picture(file, self.channels, self.alpha), str(file)) for file in files]
        for file, picture in zip(files, pictures, strict=True):
            if picture.shape != pictures[0].shape:
                raise ReadError(
                    f"the frames in {self.path} differ: {files[0].name} is {_size(pictures[0])}, {file.name} is"
                    f" {_size(picture)} (channels x height x width). Write `size: HxW` or `channels: rgb`."
                )
        video = torch.cat(pictures, dim=2)
        rate = None if self.frame_rate is None else self.frame_rate / self.stride
        space = VideoSpace.of(video, frame_rate=rate, transfer=self.transfer)
        return Recording(video=video, space=space, name=self.path.name, sha256=sha256_of(*files))

    def _files(self) -> list[Path]:
        require_folder(self.path)
        there = [file for file in self.path.iterdir() if not file.name.startswith(".")]
        pictures = sorted(
            (file for file in there if file.suffix.lower() in SUFFIXES), key=lambda file: spoken_order(file.name)
        )
        if not pictures:
            raise ReadError(
                f"{self.path} holds no pictures, only {len(there)} other files. Known: {', '.join(SUFFIXES)}"
            )
        chosen = FrameRange.parse(self.frames, self.stride).indices(len(pictures), str(self.path))
        return [pictures[index] for index in chosen]


def _size(picture: torch.Tensor) -> str:
    _, c, _, h, w = picture.shape
    return f"{c}x{h}x{w}"
