"""`LatentPool`: the clips of a pool as latents, each encoded once."""

from pathlib import Path
from typing import Final, final

import attrs
import numpy as np
import torch
from filelock import FileLock
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from invsolve.files.atomic import make_folder
from invsolve.files.memory_map import memory_map, new_memory_map, synchronise
from invsolve.training import device_of_network
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.training.pool import ClipPool

AT_ONCE: Final = 8  # clips
LATENTS: Final = "latents.npy"


@final
@attrs.frozen(eq=False)
class LatentPool:
    """Latents of the clips of `clips`, kept in `folder` in half precision, encoded as they are first needed.

    `folder` must belong to this autoencoder and this pool alone.
    """

    clips: ClipPool
    autoencoder: Autoencoder
    folder: Path

    def __getitem__(self, which: NDArray[np.int64]) -> Float[Tensor, "b z t hz wz"]:
        """Latents by number, in float32."""
        latents, known = self._files(which)
        todo = np.unique(which[~known[which]])
        for part in np.array_split(todo, max(1, -(-len(todo) // AT_ONCE))) if len(todo) else ():
            latents[part] = self.encode(self.clips[part]).half().numpy()
            synchronise(latents, self.folder / LATENTS)
            known[part] = True
        return torch.from_numpy(np.asarray(latents[which])).float()

    def encode(self, clips: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b z t hz wz"]:
        """Latents of any clips, in single precision on the CPU."""
        device = device_of_network(self.autoencoder)
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            return self.autoencoder.encode(clips.to(device)).float().cpu()

    def _files(self, which: NDArray[np.int64]) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        paths = self.folder / LATENTS, self.folder / "known.npy"
        make_folder(self.folder)
        with FileLock(self.folder / "making.lock"):
            self._make(paths, which)
        return memory_map(paths[0]), memory_map(paths[1])

    def _make(self, paths: tuple[Path, Path], which: NDArray[np.int64]) -> None:
        if not paths[1].exists():
            shape = self.encode(self.clips[which[:1]]).shape[1:]
            count = self.clips.clips
            new_memory_map(paths[0], np.float16, (count, *shape))
            new_memory_map(paths[1], np.bool_, (count,))
