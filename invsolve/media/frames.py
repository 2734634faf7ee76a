"""Reader `frames`: a clip from a folder of pictures."""

import re
from pathlib import Path
from typing import Final, Literal, final

import attrs
import torch

from invsolve.errors import ChoiceNeeded, ReadError
from invsolve.files.sha256 import sha256_of
from invsolve.media.frame_numbers import left_out
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.media.framing import Framing, check_crop, check_size
from invsolve.media.memory_limit import require_room
from invsolve.media.opacity import Alpha
from invsolve.media.picture import SUFFIXES, Channels, Picture, Taking, check_primaries, read_picture
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_folder
from invsolve.media.spoken_order import spoken_order
from invsolve.media.values import Outside
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace

Gaps = Literal["refuse", "ignore"]

_PADDED: Final = re.compile(r"(?<!\d)0\d+\D*$")


@final
@attrs.frozen
class FramesReader(Reader):
    """The pictures of a folder as the frames of a clip, ``1 c t h w``, float32 in [0, 1].

    Pictures are sorted as people count (``frame2`` before ``frame10``); other files are left out.

    Attributes:
        path: the folder.
        frame_rate: [frames/s] of the clip, where it is known.
        frames: which ones: ``"0..16"`` is the first 16, ``"30.."`` all from number 30, ``16`` the first 16.
        stride: take every n-th of these frames; the frame rate is divided by it.
        gaps: ``refuse`` numbers with leading zeros that leave one out, as where a frame was lost, or ``ignore`` that:
            the frames that there are follow on one another. Numbers without leading zeros are only remarked on.
        channels: as in `ImageReader`.
        alpha: as in `ImageReader`.
        crop: as in `ImageReader`.
        size: as in `ImageReader`.
        longest_side: as in `ImageReader`.
        transfer: as in `ImageReader`.
        primaries: as in `ImageReader`.
        white: as in `ImageReader`.
        outside: as in `ImageReader`.

    Raises:
        ReadError: for a folder that is missing or without pictures, for a number that is left out, for pictures of
            different sizes or light, and for each reason that `ImageReader` has.

    Examples:
        ```python
        recording = FramesReader(path=Path("clip/"), frame_rate=240.0, frames="0..8").read(ReadContext())
        ```

        ```yaml
        input: {read: frames, path: clip/, frame_rate: 240.0, frames: 0..8}
        ```
    """

    path: Path = attrs.field(converter=as_path)
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    frames: int | str | None = attrs.field(default=None, validator=check_frames)
    stride: int = attrs.field(default=1, validator=whole(least=1))
    gaps: Gaps = attrs.field(default="refuse", validator=literal(Gaps))
    channels: Channels = attrs.field(default="auto", validator=literal(Channels))
    alpha: Alpha = attrs.field(default="refuse", validator=literal(Alpha))
    crop: str | None = attrs.field(default=None, validator=check_crop)
    size: str | None = attrs.field(default=None, validator=check_size)
    longest_side: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    transfer: str | None = attrs.field(default=None, validator=check_transfer)
    primaries: str | None = attrs.field(default=None, validator=check_primaries)
    white: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    outside: Outside | None = attrs.field(default=None, validator=optional(literal(Outside)))

    def read(self, context: ReadContext) -> Recording:
        """Read the pictures in order."""
        del context
        span = self._files()
        remarks = self._remark_on_gaps(span)
        files = span[:: self.stride]
        framing = Framing(self.crop, self.size, self.longest_side)
        taking = Taking(self.channels, self.alpha, self.transfer, self.primaries, self.white, self.outside)
        pictures: list[Picture] = []
        for file in files:
            picture = read_picture(file, taking, framing)
            first = pictures[0] if pictures else picture
            if picture.video.shape != first.video.shape:
                raise ReadError(
                    f"the frames in {self.path} differ: {files[0].name} is {_size(first.video)}, {file.name} is"
                    f" {_size(picture.video)} (channels x height x width). Write `size: HxW` or `channels: rgb`."
                )
            if picture.transfer != first.transfer:
                raise ReadError(
                    f"the frames in {self.path} differ: {files[0].name} is {first.transfer}, {file.name} is"
                    f" {picture.transfer}. Write `transfer:`."
                )
            require_room(self.path, (len(files), *picture.video.shape[1:]), 4, "Choose `frames: 0..16` or `size`.")
            pictures.append(picture)
        video = torch.cat([picture.video for picture in pictures], dim=2)
        rate = None if self.frame_rate is None else self.frame_rate / self.stride
        space = VideoSpace.of(video, frame_rate=rate, transfer=pictures[0].transfer)
        notes = tuple(dict.fromkeys((*remarks, *(note for picture in pictures for note in picture.notes))))
        return Recording(video=video, space=space, name=self.path.name, sha256=sha256_of(*files), notes=notes)

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
        return pictures[chosen.start : chosen[-1] + 1]

    def _remark_on_gaps(self, files: list[Path]) -> tuple[str, ...]:
        lost = None if self.gaps == "ignore" else left_out(files)
        if lost is None:
            return ()
        said = f"{self.path} has no {lost}, though it has the frames before and after it"
        if not _PADDED.search(files[0].stem):
            return (f"{said}; those that there are count as following on one another",)
        raise ChoiceNeeded(
            f"{said}. Put it back, or write `gaps: ignore` to take those that there are as following on one another.",
            field="gaps",
        )


def _size(picture: torch.Tensor) -> str:
    _, c, _, h, w = picture.shape
    return f"{c}x{h}x{w}"
