"""`Residual`: the block of EDM's U-Nets."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu

from invsolve_azula.networks.convolution import Convolution, Resampling, grouped


@final
@attrs.frozen
class Style:
    """What the blocks of a network have in common.

    Attributes:
        embedding: channels of the embedded noise level.
        taps: of the resampling kernel.
        eps: of the normalisation.
        gain: factor of each sum of two branches.
        adaptive: the embedding scales and shifts the normalised activations; otherwise it is added before.
        one_head: attention has one head; otherwise one for each 64 channels.
        projects: a branch that is only resampled goes through a convolution too.
    """

    embedding: int
    taps: tuple[int, ...] = (1, 1)
    eps: float = 1e-5
    gain: float = 1.0
    adaptive: bool = True
    one_head: bool = False
    projects: bool = False


@final
class Residual(nn.Module):
    """Two convolutions around the embedding beside a shortcut, then self-attention over all positions.

    References:
        Song et al. 2021, appendix H; Dhariwal and Nichol 2021, section 3; Karras et al. 2022, appendix F.2.
    """

    def __init__(
        self, inward: int, outward: int, style: Style, resampling: Resampling = "keep", *, attends: bool = False
    ) -> None:
        super().__init__()
        self.inward, self.outward = inward, outward
        self.gain, self.adaptive = style.gain, style.adaptive
        self.heads = 0 if not attends else 1 if style.one_head else outward // 64
        self.norm0 = grouped(inward, style.eps)
        self.conv0 = Convolution(inward, outward, 3, resampling, style.taps)
        self.affine = nn.Linear(style.embedding, outward * (2 if style.adaptive else 1))
        self.norm1 = grouped(outward, style.eps)
        self.conv1 = Convolution(outward, outward, 3)
        self.skip: Convolution | None = None
        if inward != outward or resampling != "keep":
            size = 1 if style.projects or inward != outward else 0
            self.skip = Convolution(inward, outward, size, resampling, style.taps)
        if self.heads:
            self.norm2 = grouped(outward, style.eps)
            self.qkv = Convolution(outward, 3 * outward, 1)
            self.proj = Convolution(outward, outward, 1)

    def forward(self, x: Float[Tensor, "b i h w"], embedded: Float[Tensor, "b e"]) -> Float[Tensor, "b o h2 w2"]:
        """The block."""
        y = self.conv0(silu(self.norm0(x)))
        told = self.affine(embedded)[:, :, None, None]
        if self.adaptive:
            scale, shift = told.chunk(2, dim=1)
            y = silu(self.norm1(y) * (scale + 1) + shift)
        else:
            y = silu(self.norm1(y + told))
        short = x if self.skip is None else self.skip(x)
        x = (self.conv1(y) + short) * self.gain
        return (self._attended(x) + x) * self.gain if self.heads else x

    def _attended(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        width = c // self.heads
        query, key, value = self.qkv(self.norm2(x)).reshape(b * self.heads, width, 3, h * w).unbind(2)
        weights = torch.einsum("ncq,nck->nqk", query, key / width**0.5).softmax(dim=2)
        made: Tensor = self.proj(torch.einsum("nqk,nck->ncq", weights, value).reshape(x.shape))
        return made
