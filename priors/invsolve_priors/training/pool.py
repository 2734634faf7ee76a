"""`ClipPool`: clips of a reader, kept on disk as they are first needed."""

import json
from functools import cached_property
from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from filelock import FileLock
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from invsolve.errors import ComponentError, ReadError
from invsolve.files.atomic import make_folder, write_text
from invsolve.files.json_file import read_json
from invsolve.files.leftovers import sweep
from invsolve.files.memory_map import memory_map, new_memory_map, synchronise
from invsolve.media import ReadContext, Reader
from invsolve.media.reader import read_from
from invsolve.parts import content_of
from invsolve.validators import whole


@final
@attrs.frozen
class ClipPool:
    """The first `clips` clips of a reader, in 8 bits a value, in a file that grows while training draws from it.

    Where the reader knows the truth behind what it reads, that is the clip, and what was observed is kept beside it.

    What a step draws from depends on the step alone, not on what happens to be on disk.

    Attributes:
        reader: read with the seeds 0, 1, 2, ...; every seed must give other clips.
        clips: how many clips to keep in all.
        first: how many the first step draws from; every step adds ``growth`` of them until there are ``clips``.
        folder: where the file is; it must belong to the same reader.
    """

    reader: Reader
    clips: int = attrs.field(default=1000, validator=whole(least=1))
    first: int = attrs.field(default=64, validator=whole(least=1))
    growth: int = attrs.field(default=4, validator=whole(least=0))
    folder: Path = Path("pool")

    def available(self, step: int) -> int:
        """The number of clips that step `step` draws from."""
        return min(self.clips, self.first + self.growth * step)

    def __getitem__(self, which: NDArray[np.int64]) -> Float[Tensor, "b c t h w"]:
        """Clips by number, float32 in [0, 1]."""
        make_folder(self.folder)
        with FileLock(self.folder / "filling.lock"):
            stored = self._filled(int(which.max()) + 1)
        return torch.from_numpy(np.asarray(stored[which])).float() / 255

    def observed(self, which: NDArray[np.int64]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """The reader's observations of the clips, float32 in [0, 1].

        Raises:
            ReadError: for a reader of clips alone.
        """
        self[which]  # so that they are there
        path = self.folder / "observed.npy"
        if not path.exists():
            raise ReadError(
                f"{self.reader} reads clips alone; a recorded observation comes from a reader such as `pair` or"
                " `simulate`."
            )
        stored = memory_map(path)
        return torch.from_numpy(np.asarray(stored[which])).float() / 255

    @cached_property
    def _content(self) -> str:
        return content_of(self.reader)

    def _filled(self, count: int) -> NDArray[np.uint8]:
        """The file, with at least `count` clips in it."""
        if count > self.clips:
            raise ComponentError(f"the pool holds {self.clips} clips, number {count - 1} was asked for.")
        sweep(self.folder)
        have, batch = self._progress()
        while have < count:
            with torch.autocast("cpu", enabled=False):  # clips are read in full precision, whoever asks for them
                recording = read_from(self.reader, ReadContext(seed=have // batch if have else 0))
            clip = recording.video if recording.truth is None else recording.truth
            batch = len(clip)
            values = _bytes(clip)[: self.clips - have]
            stored = self._file("clips.npy", values.shape[1:])
            if have == 3 * batch and all(np.array_equal(values[0], stored[i * batch]) for i in range(3)):
                raise ReadError(
                    f"{self.reader} reads the same clip with every seed; training needs others. For videos or folders"
                    " of frames write `read: clips`, for `blocksworld` write `index: null`."
                )
            stored[have : have + len(values)] = values
            synchronise(stored, self.folder / "clips.npy")
            if recording.truth is not None:
                seen = _bytes(recording.video)[: self.clips - have]
                observed = self._file("observed.npy", seen.shape[1:])
                observed[have : have + len(seen)] = seen
                synchronise(observed, self.folder / "observed.npy")
            have += len(values)
            self._note(have, batch)
        return self._file("clips.npy", None)

    def _file(self, name: str, shape: tuple[int, ...] | None) -> NDArray[np.uint8]:
        path = self.folder / name
        if path.exists():
            return memory_map(path)
        if shape is None:
            raise ReadError(f"{path} is gone, though {self.folder / 'clips.json'} counts its clips; remove the folder.")
        return new_memory_map(path, np.uint8, (self.clips, *shape))

    def _progress(self) -> tuple[int, int]:
        """The number of clips that are there, and of those that the reader gives at once."""
        path = self.folder / "clips.json"
        if not path.exists():
            return 0, 1
        noted = read_json(path, {"reader": str, "clips": int, "there": int, "batch": int})
        if noted.get("content", self._content) != self._content:
            raise ReadError(
                f"{self.folder} holds clips of files that have changed since; remove the folder, so that they are read"
                " again."
            )
        if noted["reader"] != repr(self.reader) or noted["clips"] != self.clips:
            raise ReadError(
                f"{self.folder} holds {noted['clips']} clips of {noted['reader']}, not {self.clips} of {self.reader};"
                " name another folder, or remove this one."
            )
        return noted["there"], noted["batch"]

    def _note(self, there: int, batch: int) -> None:
        noted = {"reader": repr(self.reader), "clips": self.clips, "there": there, "batch": batch}
        noted["content"] = self._content
        write_text(self.folder / "clips.json", json.dumps(noted, indent=1), replace=True)


def _bytes(video: Tensor) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(video.clamp(0, 1).numpy() * 255).astype(np.uint8)
    return rounded
