"""`FileFlow`: optical flow that another program has found."""

from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from invsolve.errors import ReadError, SpaceError
from invsolve.files.numpy_header import sizes_of
from invsolve.media.memory_limit import require_room
from invsolve.motion.optical_flow import Flow
from invsolve.validators import as_path

MAGIC = 202021.25  # first number of a .flo file


@final
@attrs.frozen
class FileFlow(Flow):
    """The flows of one pair of pictures, as RAFT and other networks write them; the same for every pair.

    Attributes:
        forward: files of the flow of the first picture to the second and back, ``.flo`` (Middlebury; displacements
            along ``w``, then ``h``) or ``.npy`` (``2 h w``; along ``h``, then ``w``) [pixels].
        backward: files of the flow of the first picture to the second and back, ``.flo`` (Middlebury; displacements
            along ``w``, then ``h``) or ``.npy`` (``2 h w``; along ``h``, then ``w``) [pixels].

    Raises:
        ReadError: for a file that cannot be read.
        SpaceError: for a flow of another size than the pictures.

    References:
        Baker et al. 2011, for the format ``.flo``.

    Examples:
        ```python
        FileFlow(forward="forward.flo", backward="backward.flo")
        ```

        ```yaml
        sampler:
          use: normalised_bidirectional_warp
          flow: {use: file, forward: forward.flo, backward: backward.flo}
        ```
    """

    forward: Path = attrs.field(converter=as_path)
    backward: Path = attrs.field(converter=as_path)

    def between(
        self, first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
    ) -> tuple[Float[Tensor, "b 2 h w"], Float[Tensor, "b 2 h w"]]:
        """Read both files."""
        del second
        return _flow(self.forward, first), _flow(self.backward, first)


def _flow(path: Path, like: Tensor) -> Tensor:
    flow = _read(path)
    b, _, h, w = like.shape
    if flow.shape != (2, h, w):
        raise SpaceError(
            f"{path} holds an optical flow of 2 h w = {flow.shape}, but the pictures have h w = ({h}, {w})."
        )
    return torch.from_numpy(flow).to(like).expand(b, 2, h, w)


def _read(path: Path) -> NDArray[np.float32]:
    try:
        if path.suffix.lower() == ".npy":
            for size in sizes_of(path):
                require_room(path, size.shape, max(4, size.bytes_per_value), "Cut or scale it down first.")
            flow: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
            return flow
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ReadError(f"{path} cannot be read as an array: {error}.") from error
    whole = len(content) >= 12 and float(np.frombuffer(content, "<f4", 1)[0]) == MAGIC
    width, height = (int(size) for size in np.frombuffer(content, "<i4", 2, 4)) if whole else (0, 0)
    if not whole or len(content) != 12 + 8 * width * height:
        raise ReadError(
            f"{path} is not a complete .flo file (magic number {MAGIC}, w, h, then w * h pairs); or use .npy."
        )
    pairs = np.frombuffer(content, "<f4", offset=12).reshape(height, width, 2)
    return np.ascontiguousarray(pairs[..., ::-1].transpose(2, 0, 1))
