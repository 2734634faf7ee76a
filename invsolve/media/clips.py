"""Reader `clips`: a random window of a random clip from folders of them, for training."""

from functools import cached_property
from pathlib import Path
from typing import final

import attrs
import numpy as np

from invsolve.errors import ComponentError, ReadError
from invsolve.files.sha256 import sha256_of
from invsolve.media.clip_files import ClipFile, clips_in
from invsolve.media.framing import Framing, check_size
from invsolve.media.picture import Channels
from invsolve.media.random_view import Flip, RandomView
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.validators import as_path, literal, number, optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class ClipFolder:
    """A folder with clips, and how often one of them is drawn among other folders.

    Attributes:
        path: the folder; clips lie in it at any depth.
        weight: how often, in proportion to the weights of the others, positive.
    """

    path: Path = attrs.field(converter=as_path)
    weight: float = attrs.field(default=1.0, validator=number(above=0.0))


@final
@attrs.frozen
class ClipsReader(Reader):
    """A window of one clip from folders of video files, or of folders of pictures, ``1 c t h w``, float32 in [0, 1].

    The seed of the recipe decides everything: which folder (by weight), which clip of it, which frames, which stride,
    which crop, which flips; the same seed reads the same window. BAIR's robot videos, for instance, are a folder of
    pictures for each trajectory.

    Attributes:
        folders: where clips are; those too short for any window are left out.
        frames: of a window.
        stride: least and most step from one of them to the next [frames].
        size: ``"HxW"``: scaled to cover it first, see `Framing`.
        crop: ``"HxW"`` [pixels] from anywhere.
        flips: among ``horizontal``, ``vertical`` and ``time``, each with a chance of one half.
        frame_rate: [frames/s] of the clips, where files do not say; divided by the stride that was drawn.
        channels: ``rgb`` or ``grey``.
        transfer: what values mean, see `VideoReader`.

    Raises:
        ReadError: for folders that are missing, hold no clips, or none that is long enough, and for each reason that
            `VideoReader` and `FramesReader` have.

    Examples:
        ```python
        ClipsReader(folders=(ClipFolder(Path("clips/")),), frames=16, crop="256x256").read(ReadContext(seed=3))
        ```

        ```yaml
        data:
          reader: {read: clips, folders: [{path: gopro240/, weight: 2}, {path: adobe240/}], frames: 16, crop: 256x256}
        ```
    """

    folders: tuple[ClipFolder, ...]
    frames: int = attrs.field(default=16, validator=whole(least=1))
    stride: tuple[int, int] = attrs.field(default=(1, 1), validator=attrs.validators.deep_iterable(whole(least=1)))
    size: str | None = attrs.field(default=None, validator=check_size)
    crop: str | None = attrs.field(default=None, validator=check_size)
    flips: tuple[Flip, ...] = attrs.field(default=(), validator=attrs.validators.deep_iterable(literal(Flip)))
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    channels: Channels = attrs.field(default="rgb", validator=literal(Channels))
    transfer: str | None = attrs.field(default=None, validator=check_transfer)

    def __attrs_post_init__(self) -> None:
        if not self.folders:
            raise ComponentError("`folders` names at least one folder of clips.")
        if self.stride[0] > self.stride[1]:
            raise ComponentError(f"`stride` is the least and the most, got {list(self.stride)}.")

    def read(self, context: ReadContext) -> Recording:
        """Read the window that the seed draws."""
        rng = np.random.default_rng((context.seed, 0x_C11B5))
        weights = np.array([folder.weight for folder in self.folders])
        place = int(rng.choice(len(self.folders), p=weights / weights.sum()))
        clips = self._clips[place]
        clip, count = clips[int(rng.integers(len(clips)))]
        most = min(self.stride[1], (count - 1) // max(1, self.frames - 1)) if self.frames > 1 else self.stride[1]
        stride = int(rng.integers(self.stride[0], most + 1))
        start = int(rng.integers(count - (self.frames - 1) * stride))
        found = clip.window(start, self.frames, stride, Framing(size=self.size), self.channels)
        video = RandomView.draw(self.crop, self.flips, found.video, rng, str(clip.path)).apply(found.video)
        own_rate = None if self.frame_rate is None else self.frame_rate / stride
        transfer = found.transfer if self.transfer is None else self.transfer
        space = VideoSpace.of(video, frame_rate=found.frame_rate or own_rate, transfer=transfer)
        files = clip.pictures[start : start + (self.frames - 1) * stride + 1 : stride] or (clip.path,)
        return Recording(video=video, space=space, name=f"{clip.path.stem}_{start}", sha256=sha256_of(*files))

    @cached_property
    def _clips(self) -> tuple[tuple[tuple[ClipFile, int], ...], ...]:
        """The clips of each folder that are long enough, with their numbers of frames."""
        needed = (self.frames - 1) * self.stride[0] + 1
        every = []
        for folder in self.folders:
            counted = [(clip, clip.count) for clip in clips_in(folder.path)]
            enough = tuple((clip, count) for clip, count in counted if count >= needed)
            if not enough:
                longest = max(count for _, count in counted)
                raise ReadError(
                    f"a window takes {needed} frames, and the longest of the {len(counted)} clips in {folder.path} has"
                    f" {longest}; use fewer `frames` or a smaller `stride`."
                )
            every.append(enough)
        return tuple(every)
