"""`ChunkedDecoder`: a prior's decoder and its Jacobian, a few frames at a time."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator.pull_back import pull_back
from invsolve.prior import Prior
from invsolve.prior.wrapped import decoder_of
from invsolve.problem.jacobian import push_forward
from invsolve.returned import check_tensor
from invsolve.video.axes import Latent, Video


@final
@attrs.frozen(eq=False)
class ChunkedDecoder:
    """``D`` and products with its Jacobian ``J_D``, in chunks of frames: peak memory is that of one chunk.

    Attributes:
        prior: whose decoder it is.
        shape: ``c t h w`` of a whole video.
        frames: how many frames a chunk has; None, or a prior that does not decode frames alone: all at once.
    """

    prior: Prior
    shape: tuple[int, int, int, int]
    frames: int | None = None

    @property
    def chunked(self) -> bool:
        """True if more than one chunk is to be expected."""
        return self.frames is not None and self.prior.decodes_frames_alone

    def decode_part(self, part: Latent) -> Video:
        """The video of a part that is decoded at once; raises `BrokenPlugin` for one of another shape."""
        video = self.prior.decode(part)
        c, t, h, w = self.shape
        frames = part.shape[2] if self.chunked else t
        check_tensor(decoder_of(self.prior), "decode", video, (len(part), c, frames, h, w), part.dtype)
        return video

    def decode(self, z0: Latent) -> Video:
        """``D(z0)`` without a graph."""
        with torch.no_grad():
            return torch.cat([self.decode_part(part) for part in self._chunks(z0)], dim=2)

    def pull(self, z0: Latent, cotangent: Video) -> Latent:
        """``J_D^T cotangent`` at `z0`: every chunk is decoded, with its graph, and pulled back."""
        pulled = []
        for part, part_cotangent in zip(self._chunks(z0), self._chunks(cotangent), strict=True):
            leaf = part.detach().requires_grad_()
            with torch.enable_grad():
                decoded = self.decode_part(leaf)
            pulled.append(pull_back(decoded, leaf, part_cotangent))
        return torch.cat(pulled, dim=2)

    def push(self, z0: Latent, tangent: Latent) -> Video:
        """``J_D tangent`` at `z0`."""
        parts = zip(self._chunks(z0), self._chunks(tangent), strict=True)
        return torch.cat([push_forward(self.decode_part, part, direction) for part, direction in parts], dim=2)

    def _chunks(self, tensor: Tensor) -> tuple[Tensor, ...]:
        return torch.split(tensor, self.frames, dim=2) if self.chunked and self.frames else (tensor,)
