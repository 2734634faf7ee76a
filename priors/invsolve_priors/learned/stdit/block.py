"""`STDiTBlock`: attention in space, attention in time, and a pointwise network."""

from typing import Final, final

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.embeddings import rotate

SPATIAL, TEMPORAL = 6, 3  # rows of the tables: shift, scale, gate for each part that is modulated
SHORT: Final = 64  # tokens


def attend(q: Float[Tensor, "*b n d"], k: Float[Tensor, "*b m d"], v: Float[Tensor, "*b m d"]) -> Tensor:
    """``softmax(q k^T / sqrt(d)) v``."""
    if k.shape[-2] > SHORT:
        return F.scaled_dot_product_attention(q, k, v)
    # the fused kernel's backward pass on a CPU takes many times longer than this where there are few tokens
    weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), -1)
    return weights @ v


@final
class Attention(nn.Module):
    """Self-attention along the axis before the last."""

    def __init__(self, width: int, heads: int, *, rotary: bool = False) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n d"]:
        """``softmax(q k^T / sqrt(d)) v`` in each head."""
        q, k, v = rearrange(self.qkv(x), "b n (three heads d) -> three b heads n d", three=3, heads=self.heads)
        if self.rotary:
            q, k = rotate(q), rotate(k)
        mixed = attend(q, k, v)
        out: Tensor = self.proj(rearrange(mixed, "b heads n d -> b n (heads d)"))
        return out


@final
class CrossAttention(nn.Module):
    """Attention of the tokens to those of a caption."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_linear = nn.Linear(width, width)
        self.kv_linear = nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "b n d"], caption: Float[Tensor, "b m d"]) -> Float[Tensor, "b n d"]:
        """Queries from the tokens, keys and values from the caption."""
        q = rearrange(self.q_linear(x), "b n (heads d) -> b heads n d", heads=self.heads)
        k, v = rearrange(self.kv_linear(caption), "b m (two heads d) -> two b heads m d", two=2, heads=self.heads)
        mixed = attend(q, k, v)
        out: Tensor = self.proj(rearrange(mixed, "b heads n d -> b n (heads d)"))
        return out


@final
class Mlp(nn.Module):
    """Two linear maps with a GELU (tanh form) between them."""

    def __init__(self, inner: int, hidden: int, outer: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(inner, hidden)
        self.fc2 = nn.Linear(hidden, outer)

    def forward(self, x: Tensor) -> Tensor:
        """Act on the last axis."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x), approximate="tanh"))
        return out


def normed(x: Tensor) -> Tensor:
    """Zero mean and unit variance over the last axis, without parameters."""
    return F.layer_norm(x, x.shape[-1:], eps=1e-6)


@final
class STDiTBlock(nn.Module):
    """Tokens ``b t s d`` to tokens: along ``s``, along ``t``, along ``d``.

    ``x += gate * attention(norm(x) (1 + scale) + shift)`` along ``s``, likewise the pointwise network, with the rows of
    a table plus an embedding of the noise level. Version 2 does the same along ``t`` with three rows of its own;
    version 1 attends along ``t`` to the tokens as they are, with the gate of the attention along ``s``.

    References:
        Zheng et al. 2024 (Open-Sora 1.0 and 1.1); Peebles and Xie 2023, section 3.2 (the modulation).
    """

    def __init__(self, configuration: STDiTConfiguration) -> None:
        super().__init__()
        width, heads = configuration.width, configuration.heads
        self.version = configuration.version
        self.scale_shift_table = nn.Parameter(torch.randn(SPATIAL, width) / width**0.5)
        self.attn = Attention(width, heads)
        if configuration.cross_attention != "none":
            self.cross_attn = CrossAttention(width, heads)
            nn.init.zeros_(self.cross_attn.proj.weight)
            nn.init.zeros_(self.cross_attn.proj.bias)
        self.mlp = Mlp(width, 4 * width, width)
        self.attn_temp = Attention(width, heads, rotary=self.version == 2)
        nn.init.zeros_(self.attn_temp.proj.weight)
        nn.init.zeros_(self.attn_temp.proj.bias)
        if self.version == 2:
            self.scale_shift_table_temporal = nn.Parameter(torch.randn(TEMPORAL, width) / width**0.5)

    def forward(
        self,
        x: Float[Tensor, "b t s d"],
        spatial: Float[Tensor, "b f 6 d"],
        temporal: Float[Tensor, "b f 3 d"] | None,
        times: Float[Tensor, "t d"] | None = None,
        caption: Float[Tensor, "b m d"] | None = None,
    ) -> Float[Tensor, "b t s d"]:
        """One block. `times` are positions along ``t`` to add before the attention there (version 1, first block)."""
        shift, scale, gate, shift_mlp, scale_mlp, gate_mlp = self._rows(self.scale_shift_table, spatial)
        b, t, _, _ = x.shape
        along = self.attn((normed(x) * (1 + scale) + shift).flatten(0, 1)).unflatten(0, (b, t))
        x = x + gate * along
        if temporal is None:
            tokens, gate_temporal = x if times is None else x + times[:, None], gate
        else:
            shift, scale, gate_temporal = self._rows(self.scale_shift_table_temporal, temporal)
            tokens = normed(x) * (1 + scale) + shift
        across = self.attn_temp(rearrange(tokens, "b t s d -> (b s) t d"))
        x = x + gate_temporal * rearrange(across, "(b s) t d -> b t s d", b=b)
        if caption is not None:
            x = x + self.cross_attn(x.flatten(1, 2), caption).unflatten(1, x.shape[1:3])
        out: Tensor = x + gate_mlp * self.mlp(normed(x) * (1 + scale_mlp) + shift_mlp)
        return out

    @staticmethod
    def _rows(table: Tensor, embedded: Tensor) -> tuple[Tensor, ...]:
        """The rows, each ``b f 1 d``."""
        return tuple(row[:, :, None] for row in (table + embedded).unbind(2))
