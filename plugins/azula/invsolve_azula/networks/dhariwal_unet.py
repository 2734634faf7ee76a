"""`DhariwalUNet`: ADM's network as EDM retrained it."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu

from invsolve_azula.networks.convolution import Convolution, grouped
from invsolve_azula.networks.embedding import positional
from invsolve_azula.networks.residual import Residual, Style


@final
class DhariwalUNet(nn.Module):
    """A U-Net whose modules bear the names of EDM's checkpoints; arguments as there.

    References:
        Dhariwal and Nichol 2021; Karras et al. 2022, appendix F.2.
    """

    def __init__(
        self,
        img_resolution: int,
        in_channels: int,
        out_channels: int,
        label_dim: int = 0,
        augment_dim: int = 0,
        model_channels: int = 192,
        channel_mult: tuple[int, ...] = (1, 2, 3, 4),
        channel_mult_emb: int = 4,
        num_blocks: int = 3,
        attn_resolutions: tuple[int, ...] = (32, 16, 8),
    ) -> None:
        super().__init__()
        self.channels = model_channels
        embedding = model_channels * channel_mult_emb
        style = Style(embedding)
        # only training augments, but the file holds it
        self.map_augment = nn.Linear(augment_dim, model_channels, bias=False) if augment_dim else None
        self.map_layer0 = nn.Linear(model_channels, embedding)
        self.map_layer1 = nn.Linear(embedding, embedding)
        self.map_label = nn.Linear(label_dim, embedding, bias=False) if label_dim else None
        widths = [model_channels * each for each in channel_mult]
        self.enc, self.dec = nn.ModuleDict(), nn.ModuleDict()
        kept, width = [], in_channels
        for level, wide in enumerate(widths):
            size = f"{img_resolution >> level}x{img_resolution >> level}"
            attends = img_resolution >> level in attn_resolutions
            if level == 0:
                self.enc[f"{size}_conv"] = Convolution(width, wide, 3)
                width = wide
            else:
                self.enc[f"{size}_down"] = Residual(width, width, style, "down")
            kept.append(width)
            for block in range(num_blocks):
                self.enc[f"{size}_block{block}"] = Residual(width, wide, style, attends=attends)
                width = wide
                kept.append(width)
        for level, wide in reversed(list(enumerate(widths))):
            size = f"{img_resolution >> level}x{img_resolution >> level}"
            attends = img_resolution >> level in attn_resolutions
            if level == len(widths) - 1:
                self.dec[f"{size}_in0"] = Residual(width, width, style, attends=True)
                self.dec[f"{size}_in1"] = Residual(width, width, style)
            else:
                self.dec[f"{size}_up"] = Residual(width, width, style, "up")
            for block in range(num_blocks + 1):
                self.dec[f"{size}_block{block}"] = Residual(width + kept.pop(), wide, style, attends=attends)
                width = wide
        self.out_norm = grouped(width, style.eps)
        self.out_conv = Convolution(width, out_channels, 3)

    def forward(
        self, x: Float[Tensor, "b c h w"], times: Float[Tensor, " b"], labels: Float[Tensor, "b k"] | None
    ) -> Tensor:
        """The network; `labels` are one-hot, or zeros for none."""
        waves = positional(times, self.channels, endpoint=False)
        embedded = self.map_layer1(silu(self.map_layer0(waves)))
        if self.map_label is not None and labels is not None:
            embedded = embedded + self.map_label(labels)
        embedded = silu(embedded)
        kept: list[Tensor] = []
        for block in self.enc.values():
            x = block(x, embedded) if isinstance(block, Residual) else block(x)
            kept.append(x)
        for block in self.dec.values():
            assert isinstance(block, Residual)
            x = block(x if x.shape[1] == block.inward else torch.cat([x, kept.pop()], dim=1), embedded)
        made: Tensor = self.out_conv(silu(self.out_norm(x)))
        return made
