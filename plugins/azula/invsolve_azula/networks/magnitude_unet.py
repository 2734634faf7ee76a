"""`MagnitudeUNet`: the network of EDM2, which keeps the magnitude of activations."""

from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve_azula.networks.convolution import Resampling, resampled, smoothing
from invsolve_azula.networks.magnitude import (
    MagnitudeConvolution,
    MagnitudeFourier,
    activated,
    joined,
    mixed,
    unit,
)

BALANCE: Final = 0.3  # share of the residual branch and of attention: Karras et al. 2024, table 6
HEAD: Final = 64  # channels of an attention head: ibid.
MOST: Final = 256.0  # activations are clipped there: ibid., appendix B.7


@final
class MagnitudeBlock(nn.Module):
    """A block of EDM2's encoder or decoder. **Source:** Karras et al. 2024, figure 21."""

    def __init__(
        self, inward: int, outward: int, embedding: int, resampling: Resampling, *, encodes: bool, attends: bool
    ) -> None:
        super().__init__()
        self.encodes, self.resampling = encodes, resampling
        self.inward = inward
        self.heads = outward // HEAD if attends else 0
        self.emb_gain = nn.Parameter(torch.zeros(()))
        self.conv_res0 = MagnitudeConvolution(outward if encodes else inward, outward, 3)
        self.emb_linear = MagnitudeConvolution(embedding, outward, 0)
        self.conv_res1 = MagnitudeConvolution(outward, outward, 3)
        self.conv_skip = MagnitudeConvolution(inward, outward, 1) if inward != outward else None
        self.attn_qkv = MagnitudeConvolution(outward, 3 * outward, 1) if self.heads else None
        self.attn_proj = MagnitudeConvolution(outward, outward, 1) if self.heads else None

    def forward(self, x: Float[Tensor, "b i h w"], embedded: Float[Tensor, "b e"]) -> Float[Tensor, "b o h2 w2"]:
        """The block."""
        x = resampled(x, smoothing((1, 1)), self.resampling, 0)
        if self.encodes:
            x = unit(x if self.conv_skip is None else self.conv_skip(x), (1,))
        told = self.emb_linear(embedded, self.emb_gain) + 1
        y = self.conv_res1(activated(self.conv_res0(activated(x)) * told[:, :, None, None]))
        if not self.encodes and self.conv_skip is not None:
            x = self.conv_skip(x)
        x = mixed(x, y, BALANCE)
        if self.attn_qkv is not None and self.attn_proj is not None:
            b, c, h, w = x.shape
            parts = self.attn_qkv(x).reshape(b, self.heads, c // self.heads, 3, h * w)
            query, key, value = unit(parts, (2,)).unbind(3)
            weights = torch.einsum("nhcq,nhck->nhqk", query, key / query.shape[2] ** 0.5).softmax(dim=3)
            seen = torch.einsum("nhqk,nhck->nhcq", weights, value).reshape(x.shape)
            x = mixed(x, self.attn_proj(seen), BALANCE)
        return x.clamp(-MOST, MOST)


@final
class MagnitudeUNet(nn.Module):
    """A U-Net whose modules bear the names of EDM2's checkpoints; arguments as there.

    References:
        Karras et al. 2024, figure 21 and table 6.
    """

    def __init__(
        self,
        img_resolution: int,
        img_channels: int,
        label_dim: int = 0,
        model_channels: int = 192,
        channel_mult: tuple[int, ...] = (1, 2, 3, 4),
        channel_mult_noise: int | None = None,
        channel_mult_emb: int | None = None,
        num_blocks: int = 3,
        attn_resolutions: tuple[int, ...] = (16, 8),
        label_balance: float = 0.5,
        concat_balance: float = 0.5,
    ) -> None:
        super().__init__()
        self.label_dim, self.label_balance, self.concat_balance = label_dim, label_balance, concat_balance
        widths = [model_channels * each for each in channel_mult]
        noise = widths[0] if channel_mult_noise is None else model_channels * channel_mult_noise
        embedding = max(widths) if channel_mult_emb is None else model_channels * channel_mult_emb
        self.out_gain = nn.Parameter(torch.zeros(()))
        self.emb_fourier = MagnitudeFourier(noise)
        self.emb_noise = MagnitudeConvolution(noise, embedding, 0)
        self.emb_label = MagnitudeConvolution(label_dim, embedding, 0) if label_dim else None

        def block(
            inward: int, outward: int, encodes: bool, attends: bool = False, resampling: Resampling = "keep"
        ) -> MagnitudeBlock:
            return MagnitudeBlock(inward, outward, embedding, resampling, encodes=encodes, attends=attends)

        self.enc, self.dec = nn.ModuleDict(), nn.ModuleDict()
        kept, width = [], img_channels + 1
        for level, wide in enumerate(widths):
            size = f"{img_resolution >> level}x{img_resolution >> level}"
            attends = img_resolution >> level in attn_resolutions
            if level == 0:
                self.enc[f"{size}_conv"] = MagnitudeConvolution(width, wide, 3)
                width = wide
            else:
                self.enc[f"{size}_down"] = block(width, width, True, resampling="down")
            kept.append(width)
            for number in range(num_blocks):
                self.enc[f"{size}_block{number}"] = block(width, wide, True, attends)
                width = wide
                kept.append(width)
        for level, wide in reversed(list(enumerate(widths))):
            size = f"{img_resolution >> level}x{img_resolution >> level}"
            attends = img_resolution >> level in attn_resolutions
            if level == len(widths) - 1:
                self.dec[f"{size}_in0"] = block(width, width, False, True)
                self.dec[f"{size}_in1"] = block(width, width, False)
            else:
                self.dec[f"{size}_up"] = block(width, width, False, resampling="up")
            for number in range(num_blocks + 1):
                self.dec[f"{size}_block{number}"] = block(width + kept.pop(), wide, False, attends)
                width = wide
        self.out_conv = MagnitudeConvolution(width, img_channels, 3)

    def forward(
        self, x: Float[Tensor, "b c h w"], times: Float[Tensor, " b"], labels: Float[Tensor, "b k"] | None
    ) -> Tensor:
        """The network; `labels` are one-hot, or zeros for none."""
        embedded = self.emb_noise(self.emb_fourier(times))
        if self.emb_label is not None and labels is not None:
            embedded = mixed(embedded, self.emb_label(labels * self.label_dim**0.5), self.label_balance)
        embedded = activated(embedded)
        x = torch.cat([x, torch.ones_like(x[:, :1])], dim=1)
        kept: list[Tensor] = []
        for each in self.enc.values():
            x = each(x, embedded) if isinstance(each, MagnitudeBlock) else each(x)
            kept.append(x)
        for name, each in self.dec.items():
            x = each(joined(x, kept.pop(), self.concat_balance) if "block" in name else x, embedded)
        made: Tensor = self.out_conv(x, self.out_gain)
        return made
