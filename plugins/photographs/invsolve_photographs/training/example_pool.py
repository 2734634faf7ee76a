"""`ExamplePool`: examples on disk, in files that grow as training draws from them."""

import json
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.atomic import make_folder, write_text
from invsolve.files.json_file import read_json
from invsolve.files.leftovers import sweep
from invsolve.files.memory_map import memory_map, new_memory_map, synchronise
from invsolve_photographs.shaking.example import FRAMES
from invsolve_photographs.shaking.generator import ExampleGenerator

NAMES: Final = ("blurred", "frames", "motion")


@final
@attrs.frozen(eq=False)
class ExamplePool:
    """The first `count` examples of a generator, kept as they are first needed.

    What a step draws from depends on the step alone, not on what happens to be on disk.

    Attributes:
        identity: text that tells generators apart; a folder of another one is refused.
        first: how many the first step draws from; every step adds ``growth``, until there are ``count``.
    """

    generator: ExampleGenerator
    identity: str
    folder: Path
    count: int
    first: int
    growth: float

    def available(self, step: int) -> int:
        """How many examples step `step` draws from."""
        return min(self.count, self.first + int(self.growth * step))

    def drawn(self, which: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """``blurred`` b c h w and ``frames`` b c t h w in [0, 1], ``motion`` b 2 t h w in pixels."""
        make_folder(self.folder)
        with FileLock(self.folder / "filling.lock"):
            stored = self._filled(int(which.max()) + 1)
        blurred, frames, motion = (torch.from_numpy(np.asarray(stored[name][which])) for name in NAMES)
        return blurred.float() / 255, frames.transpose(1, 2).float() / 255, motion.float()

    def _filled(self, least: int) -> dict[str, NDArray[Any]]:
        sweep(self.folder)
        there = self._there()
        stored = self._files() if there < least or there else {}
        for number in range(there, least):
            example = self.generator.example(number)
            stored["blurred"][number] = example.blurred.numpy()
            stored["frames"][number] = example.frames.numpy()
            stored["motion"][number] = example.motion.numpy().astype(np.float16)
        if least > there:
            for name, array in stored.items():
                synchronise(array, self.folder / f"{name}.npy")
            noted = {"identity": self.identity, "there": least}
            write_text(self.folder / "examples.json", json.dumps(noted, indent=1), replace=True)
        return stored

    def _there(self) -> int:
        path = self.folder / "examples.json"
        if not path.exists():
            return 0
        noted = read_json(path, {"identity": str, "there": int})
        if noted["identity"] != self.identity:
            raise ReadError(
                f"{self.folder} holds examples of {noted['identity']}, not of {self.identity}; name another folder"
                " with `examples`, or remove this one."
            )
        return int(noted["there"])

    def _files(self) -> dict[str, NDArray[Any]]:
        side = self.generator.patch.side
        shapes: dict[str, tuple[tuple[int, ...], type[Any]]] = {
            "blurred": ((3, side, side), np.uint8),
            "frames": ((FRAMES, 3, side, side), np.uint8),
            "motion": ((2, FRAMES, side // 4, side // 4), np.float16),
        }
        return {name: self._file(name, *shape) for name, shape in shapes.items()}

    def _file(self, name: str, shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
        path = self.folder / f"{name}.npy"
        if path.exists():
            return memory_map(path)
        return new_memory_map(path, kind, (self.count, *shape))
