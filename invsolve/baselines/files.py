"""Baseline `files`: what another program made of the same clips."""

from pathlib import Path
from typing import Final, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.baselines.baseline import Baseline
from invsolve.errors import CapabilityError, ReadError
from invsolve.media.clip_files import VIDEOS
from invsolve.media.frames import FramesReader
from invsolve.media.image import ImageReader
from invsolve.media.npz import NpzReader
from invsolve.media.picture import SUFFIXES
from invsolve.media.reader import ReadContext, Reader, check_transfer, read_from
from invsolve.media.recording import Recording
from invsolve.media.source import require_folder
from invsolve.media.video import VideoReader
from invsolve.problem import Problem
from invsolve.validators import as_path
from invsolve.video.transfer import in_transfer

ARRAYS: Final = (".npz",)


@final
@attrs.frozen
class Files(Baseline):
    """Results in a folder, found by the name of the clip's recording: ``NAME.npz``, a video, a folder, or a picture.

    ``NAME`` is what the reader calls a clip, such as ``blocksworld_test_7``. A folder ``NAME`` holds the frames as
    pictures. One picture is that of a method for single images: it stands for every frame, and only the measures of the
    metric `middle_frame` are meant for it. What is read must have the size of the solution.

    Attributes:
        path: the folder.
        transfer: what values of the files mean; null takes each file's own.

    Raises:
        CapabilityError: where the folder has nothing for a clip, so that the clip is left out.
        ReadError: for a missing folder, for two results of one clip, and for a result of another size.

    Examples:
        ```python
        Files(path=Path("results/edvr")).estimate(problem, recording)
        ```

        ```yaml
        baselines: {edvr: {use: files, path: results/edvr}}
        ```
    """

    path: Path = attrs.field(converter=as_path)
    transfer: str | None = attrs.field(default=None, validator=check_transfer)

    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """The result of this clip, in the light of the solution."""
        found = read_from(self._reader(recording.name), ReadContext())
        video = in_transfer(found.video, self.transfer or found.space.transfer, problem.space.transfer)
        channels, frames, height, width = problem.space.shape
        if video.shape[2] == 1:
            video = video.expand(-1, -1, frames, -1, -1)
        if tuple(video.shape[1:]) != problem.space.shape:
            raise ReadError(
                f"the result of {recording.name} in {self.path} has c t h w = {tuple(video.shape[1:])}, expected"
                f" {(channels, frames, height, width)}, or one frame of that size."
            )
        return video.to(problem.observation).expand(problem.count, -1, -1, -1, -1)

    def _reader(self, name: str) -> Reader:
        require_folder(self.path)
        there = [each for each in self.path.iterdir() if (each.name if each.is_dir() else each.stem) == name]
        known = [each for each in there if each.is_dir() or each.suffix.lower() in (*ARRAYS, *VIDEOS, *SUFFIXES)]
        if not known:
            raise CapabilityError(f"{self.path} holds no result called {name}.")
        if len(known) > 1:
            raise ReadError(f"{self.path} holds several results of {name}: {', '.join(sorted(e.name for e in known))}.")
        (file,) = known
        if file.is_dir():
            return FramesReader(path=file)
        if file.suffix.lower() in ARRAYS:
            return NpzReader(path=file)
        return VideoReader(path=file) if file.suffix.lower() in VIDEOS else ImageReader(path=file)
