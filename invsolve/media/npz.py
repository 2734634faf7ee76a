"""Reader `npz`: a clip from a NumPy archive."""

import zipfile
import zlib
from pathlib import Path
from typing import ClassVar, Final, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
from einops import rearrange
from torch import Tensor

from invsolve.errors import ReadError, did_you_mean
from invsolve.files.numpy_header import sizes_of
from invsolve.files.sha256 import sha256_of
from invsolve.media.axes import AXES, check_axes
from invsolve.media.framing import Framing, check_crop
from invsolve.media.memory_limit import require_room
from invsolve.media.reader import ReadContext, Reader, check_transfer
from invsolve.media.recording import Recording
from invsolve.media.source import require_file
from invsolve.media.values import Outside, to_unit
from invsolve.validators import as_path, literal, number, optional
from invsolve.video.space import VideoSpace

TRUTH: Final = "truth"
PREFERRED: tuple[str, ...] = ("observed", "video")


@final
@attrs.frozen
class NpzReader(Reader):
    """An array of a ``.npz`` archive, or the one of a ``.npy`` file, as a video ``b c t h w``, float32.

    8 and 16 bit integers are scaled to [0, 1], floats taken as they are. An array called ``truth`` with the same axes
    comes along as the truth. Pickled objects are refused.

    Attributes:
        path: the file.
        key: name of the array; by default ``observed``, ``video`` or the only one.
        axes: its axes in order, of ``b c t h w``; those left out have size 1.
        frame_rate: [frames/s] of the clip, which the file cannot say.
        transfer: ``srgb``, ``linear``, ``gamma:2.2``: what its values mean, which the file cannot say.
        outside: what to do with values outside of [0, 1]: ``refuse``, ``clip``, or ``keep`` (a noisy observation).
        crop: ``"HxW"`` or ``"HxW+TOP+LEFT"`` [pixels]; the truth is then left out.

    Raises:
        ReadError: for a file that is missing or no such archive, unknown keys, axes that do not fit, values outside of
            [0, 1], NaN and infinities.

    Examples:
        ```python
        recording = NpzReader(path=Path("clip.npz"), axes="t h w c", transfer="linear").read(ReadContext())
        ```

        ```yaml
        input: {read: npz, path: clip.npz, axes: t h w c, transfer: linear}
        ```
    """

    suffixes: ClassVar[tuple[str, ...]] = (".npz", ".npy")

    path: Path = attrs.field(converter=as_path)
    key: str | None = None
    axes: str = attrs.field(default="t h w c", validator=check_axes)
    frame_rate: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    transfer: str = attrs.field(default="srgb", validator=check_transfer)
    outside: Outside = attrs.field(default="refuse", validator=literal(Outside))
    crop: str | None = attrs.field(default=None, validator=check_crop)

    def read(self, context: ReadContext) -> Recording:
        """Read the array."""
        del context
        require_file(self.path)
        arrays = arrays_of(self.path)
        video = self._video(arrays, self._chosen(arrays))
        video = Framing(crop=self.crop).apply(video, str(self.path), self.transfer)
        truth = self._video(arrays, TRUTH) if TRUTH in arrays and self.key != TRUTH and self.crop is None else None
        space = VideoSpace.of(video, frame_rate=self.frame_rate, transfer=self.transfer)
        return Recording(
            video=video,
            space=space,
            name=self.path.stem,
            sha256=sha256_of(self.path),
            truth=truth,
            # the truth may differ in shape, as the input of the operator that made the observation
            truth_space=None if truth is None else VideoSpace.of(truth, transfer=self.transfer),
        )

    def _chosen(self, arrays: dict[str, npt.NDArray[np.generic]]) -> str:
        if self.key is not None:
            if self.key not in arrays:
                hint = did_you_mean(self.key, arrays)
                raise ReadError(f"{self.path} has no array {self.key!r}.{hint} Arrays: {_listed(arrays)}.")
            return self.key
        known: list[str] = [key for key in PREFERRED if key in arrays] or list(arrays)
        if len(known) > 1 and known[0] not in PREFERRED:
            raise ReadError(f"{self.path} holds several arrays. Write `key:` one of {_listed(arrays)}.")
        if not known:
            raise ReadError(f"{self.path} holds no arrays.")
        return known[0]

    def _video(self, arrays: dict[str, npt.NDArray[np.generic]], key: str) -> Tensor:
        array = arrays[key]
        where = f"array {key!r} of {self.path}"
        if array.ndim != len(self.axes.split()):
            raise ReadError(
                f"{where} has shape {array.shape}, which is not {self.axes!r}. Write `axes:` with one of b, c, t, h, w"
                " for each axis."
            )
        values = torch.from_numpy(np.ascontiguousarray(to_unit(array, where, self.outside)))
        missing = [axis for axis in AXES.split() if axis not in self.axes.split()]
        # einops wants the sizes of axes that appear on one side only
        video = rearrange(values[(..., *[None] * len(missing))], f"{self.axes} {' '.join(missing)} -> {AXES}")
        if video.shape[1] not in (1, 3):
            raise ReadError(
                f"{where} has shape {array.shape}, so that `axes: {self.axes}` gives it {video.shape[1]} channels,"
                " not 1 or 3. Write `axes:` in the order of the array."
            )
        return video.contiguous()


def arrays_of(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of a ``.npz`` archive by name, or that of a ``.npy`` file; raises `ReadError` for anything else."""
    try:
        for size in sizes_of(path):
            wanted = max(4, size.bytes_per_value)  # float32 at least, once read
            require_room(path, size.shape, wanted, "Cut it into smaller files.")
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            return {"video": loaded} if isinstance(loaded, np.ndarray) else {key: loaded[key] for key in loaded.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ReadError(
            f"{path} is not a NumPy archive that can be read (.npz or .npy, without pickled objects): {error}"
        ) from error


def _listed(arrays: dict[str, npt.NDArray[np.generic]]) -> str:
    return ", ".join(f"{key} {array.shape}" for key, array in arrays.items())
