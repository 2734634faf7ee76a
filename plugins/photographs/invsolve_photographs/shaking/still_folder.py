"""`StillFolder`: sharp photographs to cut patches from."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image

from invsolve.errors import ReadError

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")
LONGEST = 1024  # pixels: larger pictures are made smaller, which makes them sharper
SCALES: Final = (1.0, 0.62)
LEAST = 64


@final
@attrs.frozen
class StillFolder:
    """Every photograph below a folder, at most 1024 pixels along its longest side, and again at 0.62 of its size.

    Attributes:
        path: the folder.
        leave_out: names that begin with one of these are skipped.

    Raises:
        ReadError: for a folder that is missing or holds no photograph of at least 64 pixels along each side.
    """

    path: Path
    leave_out: tuple[str, ...] = ()

    def files(self) -> tuple[Path, ...]:
        """The photographs, sorted by path."""
        return _files(self.path, self.leave_out)

    def patch(self, rng: np.random.Generator, side: int) -> Float[np.ndarray[Any, Any], "h w 3"]:
        """A square patch in linear light (gamma 2.2), the better textured of two draws, mirrored and recoloured."""
        best: NDArray[np.uint8] | None = None
        most = -1.0
        for _ in range(2):
            cut = self._cut(rng, side)
            coarse = cut[::2, ::2, 1].astype(np.int16)
            texture = float(np.abs(np.diff(coarse, axis=0)).mean() + np.abs(np.diff(coarse, axis=1)).mean())
            if texture > most:
                best, most = cut, texture
        assert best is not None
        short = [(0, max(0, side - length)) for length in best.shape[:2]]
        patch = np.pad(best, (*short, (0, 0)), mode="symmetric")
        if rng.random() < 0.5:
            patch = patch[:, ::-1]
        if rng.random() < 0.5:
            patch = patch[..., rng.permutation(3)]
        return _LINEAR[patch] * np.float32(0.6 + 0.4 * rng.random())

    def _cut(self, rng: np.random.Generator, side: int) -> NDArray[np.uint8]:
        files = self.files()
        picture = _read(files[rng.integers(len(files))], SCALES[rng.integers(len(SCALES))])
        rows, columns = (min(side, length) for length in picture.shape[:2])
        top, left = rng.integers(picture.shape[0] - rows + 1), rng.integers(picture.shape[1] - columns + 1)
        return picture[top : top + rows, left : left + columns]


_LINEAR = ((np.arange(256) / 255) ** 2.2).astype(np.float32)


@lru_cache(maxsize=8)
def _files(path: Path, leave_out: tuple[str, ...]) -> tuple[Path, ...]:
    if not path.is_dir():
        raise ReadError(f"there is no folder {path}; name one that holds sharp photographs.")
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    kept = tuple(file for file in found if not file.name.startswith(leave_out or ("\0",)))
    if not kept:
        raise ReadError(f"{path} holds no photographs. Known: {', '.join(SUFFIXES)}")
    return kept


@lru_cache(maxsize=1024)
def _read(path: Path, scale: float) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    except OSError as error:
        raise ReadError(f"{path} cannot be read as a picture: {error}.") from error
    factor = min(1.0, LONGEST / max(picture.size)) * scale
    wanted = tuple(round(length * factor) for length in picture.size)
    if min(wanted) < LEAST:
        wanted = picture.size
    if min(wanted) < LEAST:
        raise ReadError(
            f"{path} has only {picture.size[0]} x {picture.size[1]} pixels; leave out what is below {LEAST}."
        )
    return np.asarray(picture.resize((wanted[0], wanted[1]), Image.Resampling.LANCZOS))
