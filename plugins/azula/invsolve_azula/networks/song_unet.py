"""`SongUNet`: DDPM++ and NCSN++ as EDM retrained them."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu

from invsolve_azula.networks.convolution import Convolution, grouped
from invsolve_azula.networks.embedding import Fourier, positional
from invsolve_azula.networks.residual import Residual, Style


@final
class SongUNet(nn.Module):
    """A U-Net whose modules bear the names of EDM's checkpoints; arguments as there.

    Args:
        embedding_type: ``positional`` (DDPM++) or ``fourier`` (NCSN++).
        encoder_type: ``standard``, or ``residual``: the picture, made smaller, joins at each resolution (NCSN++).

    References:
        Song et al. 2021, appendix H; Karras et al. 2022, appendix F.2.
    """

    def __init__(
        self,
        img_resolution: int,
        in_channels: int,
        out_channels: int,
        label_dim: int = 0,
        augment_dim: int = 0,
        model_channels: int = 128,
        channel_mult: tuple[int, ...] = (1, 2, 2, 2),
        channel_mult_emb: int = 4,
        num_blocks: int = 4,
        attn_resolutions: tuple[int, ...] = (16,),
        embedding_type: str = "positional",
        channel_mult_noise: int = 1,
        encoder_type: str = "standard",
        resample_filter: tuple[int, ...] = (1, 1),
    ) -> None:
        super().__init__()
        self.channels = model_channels * channel_mult_noise
        self.label_dim = label_dim
        embedding = model_channels * channel_mult_emb
        style = Style(
            embedding, tuple(resample_filter), eps=1e-6, gain=0.5**0.5, adaptive=False, one_head=True, projects=True
        )
        self.map_noise = Fourier(self.channels) if embedding_type == "fourier" else nn.Identity()
        self.map_label = nn.Linear(label_dim, self.channels) if label_dim else None
        # only training augments, but the file holds it
        self.map_augment = nn.Linear(augment_dim, self.channels, bias=False) if augment_dim else None
        self.map_layer0 = nn.Linear(self.channels, embedding)
        self.map_layer1 = nn.Linear(embedding, embedding)
        widths = [model_channels * each for each in channel_mult]
        self.enc, self.dec = nn.ModuleDict(), nn.ModuleDict()
        kept, width, aside = [], in_channels, in_channels
        for level, wide in enumerate(widths):
            size = f"{img_resolution >> level}x{img_resolution >> level}"
            attends = img_resolution >> level in attn_resolutions
            if level == 0:
                self.enc[f"{size}_conv"] = Convolution(width, model_channels, 3)
                width = model_channels
            else:
                self.enc[f"{size}_down"] = Residual(width, width, style, "down")
                if encoder_type == "residual":
                    joined = Convolution(aside, width, 3, "down", style.taps, smooth_last=True)
                    self.enc[f"{size}_aux_residual"] = joined
                    aside = width
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
                last = attends and block == num_blocks
                self.dec[f"{size}_block{block}"] = Residual(width + kept.pop(), wide, style, attends=last)
                width = wide
        self.dec[f"{size}_aux_norm"] = grouped(width, style.eps)
        self.dec[f"{size}_aux_conv"] = Convolution(width, out_channels, 3)

    def forward(
        self, x: Float[Tensor, "b c h w"], times: Float[Tensor, " b"], labels: Float[Tensor, "b k"] | None
    ) -> Tensor:
        """The network; `labels` are one-hot, or zeros for none."""
        embedded = self._embedded(times, labels)
        kept: list[Tensor] = []
        aside = x
        for name, block in self.enc.items():
            if name.endswith("aux_residual"):
                x = aside = (x + block(aside)) * 0.5**0.5
                kept[-1] = x
            else:
                x = block(x, embedded) if isinstance(block, Residual) else block(x)
                kept.append(x)
        for block in self.dec.values():
            if not isinstance(block, Residual):
                x = silu(block(x)) if isinstance(block, nn.GroupNorm) else block(x)
                continue
            x = block(x if x.shape[1] == block.inward else torch.cat([x, kept.pop()], dim=1), embedded)
        return x

    def _embedded(self, times: Tensor, labels: Tensor | None) -> Tensor:
        if isinstance(self.map_noise, Fourier):
            waves = self.map_noise(times)
        else:
            waves = positional(times, self.channels, endpoint=True)
        # the published networks saw sines first
        cosines, sines = waves.chunk(2, dim=1)
        embedded = torch.cat([sines, cosines], dim=1)
        if self.map_label is not None and labels is not None:
            embedded = embedded + self.map_label(labels * self.label_dim**0.5)
        made: Tensor = silu(self.map_layer1(silu(self.map_layer0(embedded))))
        return made
