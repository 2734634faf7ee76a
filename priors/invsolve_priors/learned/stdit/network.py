"""`STDiTNetwork`: the space-time diffusion transformer."""

from typing import final

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from invsolve_priors.learned.stdit.block import SPATIAL, TEMPORAL, Mlp, STDiTBlock, normed
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.embeddings import ScalarEmbedder, grid_positions, positions

CAPTION_TOKENS, CAPTION_CHANNELS = 120, 4096


def _small(*layers: nn.Linear) -> None:
    for layer in layers:
        nn.init.normal_(layer.weight, std=0.02)


@final
class PatchEmbedder(nn.Module):
    """Patches of a video as tokens; the weights are those of a convolution that does not overlap."""

    def __init__(self, channels: int, patch: tuple[int, int, int], width: int) -> None:
        super().__init__()
        self.patch = patch
        self.proj = nn.Conv3d(channels, width, patch, stride=patch)
        nn.init.xavier_uniform_(self.proj.weight.view(width, -1))

    def forward(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b t2 s d"]:
        """One matrix product, which is what the convolution is."""
        pt, ph, pw = self.patch
        patches = rearrange(z, "b c (t pt) (h ph) (w pw) -> b t (h w) (c pt ph pw)", pt=pt, ph=ph, pw=pw)
        return F.linear(patches, self.proj.weight.flatten(1), self.proj.bias)


@final
class CaptionEmbedder(nn.Module):
    """The tokens of the empty caption, the only one there is here."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.y_proj = Mlp(CAPTION_CHANNELS, width, width)
        self.y_embedding: Tensor
        self.register_buffer("y_embedding", torch.randn(CAPTION_TOKENS, CAPTION_CHANNELS) / CAPTION_CHANNELS**0.5)

    def forward(self, count: int) -> Float[Tensor, "b m d"]:
        """The same for each of `count` clips."""
        tokens: Tensor = self.y_proj(self.y_embedding)
        return tokens.expand(count, -1, -1)


@final
class FinalLayer(nn.Module):
    """Modulate once more and map tokens to patches; zero when new."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.randn(2, width) / width**0.5)
        self.linear = nn.Linear(width, outputs)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Float[Tensor, "b t s d"], embedded: Float[Tensor, "b f d"]) -> Float[Tensor, "b t s o"]:
        """`embedded` is the noise level's own embedding."""
        shift, scale = (row[:, :, None] for row in (self.scale_shift_table + embedded[:, :, None]).unbind(2))
        out: Tensor = self.linear(normed(x) * (1 + scale) + shift)
        return out


@final
class STDiTNetwork(nn.Module):
    """Noisy latents ``b c t h w`` and their times to the same shape, twice the channels with a learned variance.

    Parameters are named as in Open-Sora 1.0 and 1.1, so that their state dicts load key for key.

    References:
        Zheng et al. 2024 (Open-Sora); Peebles and Xie 2023.
    """

    def __init__(self, configuration: STDiTConfiguration) -> None:
        super().__init__()
        self.configuration = configuration
        width = configuration.width
        inputs = configuration.channels + configuration.condition_channels
        self.x_embedder = PatchEmbedder(inputs, configuration.patch, width)
        self.t_embedder = ScalarEmbedder(width)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(width, SPATIAL * width))
        if configuration.version == 2:
            self.t_block_temp = nn.Sequential(nn.SiLU(), nn.Linear(width, TEMPORAL * width))
        if configuration.cross_attention == "captions":
            self.y_embedder = CaptionEmbedder(width)
        if configuration.sizes:
            self.csize_embedder = ScalarEmbedder(width // 3)
            self.ar_embedder = ScalarEmbedder(width // 3)
            self.fl_embedder = ScalarEmbedder(width)
            self.fps_embedder = ScalarEmbedder(width)
        if configuration.condition_vector:
            self.condition_embedder = Mlp(configuration.condition_vector, width, width)
            nn.init.zeros_(self.condition_embedder.fc2.weight)
            nn.init.zeros_(self.condition_embedder.fc2.bias)
        if configuration.interval_vector:
            self.interval_embedder = nn.Linear(configuration.interval_vector, width)
        if configuration.observed_frame:
            self.frame_table = nn.Parameter(0.01 * torch.randn(2, width))  # observed, noisy
        self.blocks = nn.ModuleList(STDiTBlock(configuration) for _ in range(configuration.depth))
        pt, ph, pw = configuration.patch
        self.final_layer = FinalLayer(width, pt * ph * pw * configuration.outputs)
        if configuration.grid is not None and configuration.version == 1:
            t, h, w = configuration.tokens(*configuration.grid)
            nowhere = torch.device("cpu")
            self.pos_embed: Tensor
            self.pos_embed_temporal: Tensor
            self.register_buffer("pos_embed", grid_positions(h, w, width, nowhere)[None].float())
            self.register_buffer(
                "pos_embed_temporal", positions(torch.arange(t, dtype=torch.float64), width)[None].float()
            )
        _small(*(layer for layer in (*self.t_embedder.mlp, *self.t_block) if isinstance(layer, nn.Linear)))

    def forward(
        self,
        z: Float[Tensor, "b c t h w"],
        time: Float[Tensor, " b"],
        condition: Tensor | None = None,
        *,
        checkpointing: bool = False,
    ) -> Float[Tensor, "b o t h w"]:
        """The network's output for latents at the model's own times, one for each clip.

        Args:
            condition: ``b c2 t h w``, concatenated with the latent, or ``b t v``, numbers for each frame.
            checkpointing: keep only the tokens between blocks for the backward pass.
        """
        configuration = self.configuration
        t, h, w = configuration.tokens(*z.shape[2:])
        if configuration.condition_channels and condition is not None:
            z = torch.cat([z, condition.to(z.dtype)], 1)
        embedded = self.t_embedder(time.to(z.dtype))[:, None]
        if configuration.condition_vector and condition is not None:
            embedded = embedded + self.condition_embedder(condition.to(z.dtype))
        spatial, temporal = self._modulation(embedded, z.shape)
        x = self.x_embedder(z) + self._places(h, w, z)
        if configuration.interval_vector and condition is not None:
            x = x + self.interval_embedder(condition.to(z.dtype))[:, :, None]
        if configuration.observed_frame:
            x = x + torch.cat([self.frame_table[:1], self.frame_table[1:].expand(t - 1, -1)])[:, None]
        times = self.pos_embed_temporal[0] if configuration.version == 1 else None
        caption = self.y_embedder(len(z)) if configuration.cross_attention == "captions" else None
        for number, block in enumerate(self.blocks):
            inputs = (x, spatial, temporal, times if number == 0 else None, caption)
            x = checkpoint(block, *inputs, use_reentrant=False) if checkpointing else block(*inputs)
        out = self.final_layer(x, embedded)
        pt, ph, pw = configuration.patch
        patches = "b t (h w) (pt ph pw c) -> b c (t pt) (h ph) (w pw)"
        video: Tensor = rearrange(out, patches, t=t, h=h, w=w, pt=pt, ph=ph, pw=pw)
        return video

    def _places(self, h: int, w: int, z: Tensor) -> Tensor:
        if self.configuration.version == 1:
            return self.pos_embed
        return grid_positions(h, w, self.configuration.width, z.device).to(z.dtype)

    def _modulation(self, embedded: Tensor, shape: torch.Size) -> tuple[Tensor, Tensor | None]:
        """Rows of modulation, ``b f 6 d`` and ``b f 3 d``."""
        spatial = temporal = embedded
        if self.configuration.sizes:
            # the constants the source paper's model was trained with: 64 x 64 pixels at factor 4, 2 frames/s
            b, _, t, h, w = shape
            size = embedded.new_tensor([4.0 * h, 4.0 * w]).expand(b, 2)
            shown = torch.cat([self.csize_embedder(size).flatten(1), self.ar_embedder(size[:, 0] / size[:, 1])], -1)
            spatial = embedded + shown[:, None]
            length = self.fl_embedder(embedded.new_full((b,), t))
            temporal = embedded + (length + self.fps_embedder(embedded.new_full((b,), 2.0)))[:, None]
        rows = self.t_block(spatial).unflatten(-1, (SPATIAL, -1))
        if self.configuration.version == 1:
            return rows, None
        return rows, self.t_block_temp(temporal).unflatten(-1, (TEMPORAL, -1))
