"""`ClipFile`: a video file or a folder of pictures, found in a folder, and a window of it."""

from pathlib import Path
from typing import Final, final

import attrs
import torch

from invsolve.errors import ReadError
from invsolve.media.clip import Clip, count_frames, decode_clip
from invsolve.media.frame_range import FrameRange
from invsolve.media.framing import Framing
from invsolve.media.picture import SUFFIXES, Channels, Taking, read_picture
from invsolve.media.source import require_folder
from invsolve.media.spoken_order import spoken_order
from invsolve.media.streams.taking import ClipTaking
from invsolve.validators import as_path

VIDEOS: Final = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v")


@final
@attrs.frozen
class ClipFile:
    """One clip: a video file, or the pictures in a folder in the order in which people count.

    Attributes:
        path: the file or the folder.
        pictures: of the folder; empty for a file.
    """

    path: Path = attrs.field(converter=as_path)
    pictures: tuple[Path, ...] = ()

    @property
    def count(self) -> int:
        """Its number of frames."""
        return len(self.pictures) or count_frames(self.path)

    def window(self, start: int, frames: int, stride: int, framing: Framing, channels: Channels) -> Clip:
        """Frames ``start, start + stride, ...``; raises `ReadError` as `decode_clip` and `read_picture` do."""
        chosen = FrameRange(start, start + (frames - 1) * stride + 1, stride)
        if not self.pictures:
            return decode_clip(self.path, chosen, framing, ClipTaking(channels=channels))
        files = [self.pictures[i] for i in chosen.indices(len(self.pictures), str(self.path))]
        read = [read_picture(file, Taking(channels=channels), framing) for file in files]
        if any(picture.video.shape != read[0].video.shape for picture in read):
            raise ReadError(f"the pictures in {self.path} differ in size; write `size: HxW` or `channels: rgb`.")
        if any(picture.transfer != read[0].transfer for picture in read):
            raise ReadError(f"the pictures in {self.path} differ in their transfer; save them in one.")
        return Clip(torch.cat([picture.video for picture in read], 2), None, read[0].transfer)


def clips_in(folder: Path) -> tuple[ClipFile, ...]:
    """Every video file, and every folder that holds pictures, at any depth below `folder`, sorted by path.

    Raises:
        ReadError: for a folder that is missing or holds neither.
    """
    require_folder(folder)
    files = sorted(
        (path for path in folder.rglob("*") if _shown(path, folder)), key=lambda path: spoken_order(str(path))
    )
    by_folder: dict[Path, list[Path]] = {}
    for path in files:
        if path.suffix.lower() in SUFFIXES:
            by_folder.setdefault(path.parent, []).append(path)
    found = [ClipFile(path) for path in files if path.suffix.lower() in VIDEOS]
    found += [ClipFile(parent, tuple(pictures)) for parent, pictures in by_folder.items()]
    if not found:
        raise ReadError(f"{folder} holds no clips: no video file ({', '.join(VIDEOS)}) and no folder of pictures.")
    return tuple(sorted(found, key=lambda clip: spoken_order(str(clip.path))))


def _shown(path: Path, folder: Path) -> bool:
    """True for a file of which no part of the path below the folder is hidden."""
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
