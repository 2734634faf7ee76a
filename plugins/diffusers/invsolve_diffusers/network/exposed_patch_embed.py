"""`ExposedPatchEmbed`: patch tokens that say when their frame was exposed, and which frame is the blurred picture."""

from typing import Any, Final, final

import torch
from torch import Tensor, nn

FRAMES_PER_LATENT: Final = 4
NUMBERS: Final = 48 * FRAMES_PER_LATENT  # sines and cosines of both ends of each exposure, 12 frequencies
SPREAD: Final = 0.01  # of the table at first


@final
class ExposedPatchEmbed(nn.Module):
    """``token + P n_t + table[0 if t = 0 else 1]`` for each patch token of latent frame ``t``, before its blocks.

    Frame 0 is the blurred picture, clean. The `NUMBERS` of each latent frame, ``n_t``, come as further channels of the
    latent, equal at all pixels.

    Attributes:
        inner: the transformer's own.
        projection: ``P``, with an offset.
        table: one row for the picture, one for the noisy frames.

    References:
        Tedla, Zhu, Canham, Taubner, Brown, Kutulakos and Lindell 2025, eqs. 4 and 5, and their code.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        width = inner.text_proj.out_features
        like = inner.text_proj.weight
        self.projection = nn.Linear(NUMBERS, width, device=like.device, dtype=like.dtype)
        self.table = nn.Parameter(SPREAD * torch.randn(2, width, device=like.device, dtype=like.dtype))

    def forward(self, text: Tensor, frames: Tensor) -> Tensor:
        """``b (l + t h w) d`` from text ``b l d`` and latents ``b t (c + NUMBERS) h w``."""
        z, numbers = frames[:, :, :-NUMBERS], frames[:, :, -NUMBERS:, 0, 0]
        made: Tensor = self.inner(text, z)
        said = self.projection(numbers)
        said = said + torch.cat([self.table[:1], self.table[1:].expand(said.shape[1] - 1, -1)])
        length = text.shape[1]
        each = (made.shape[1] - length) // said.shape[1]
        return torch.cat([made[:, :length], made[:, length:] + said.repeat_interleave(each, dim=1)], dim=1)
