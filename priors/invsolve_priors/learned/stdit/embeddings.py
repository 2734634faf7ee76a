"""Positions and numbers as vectors."""

import math
from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

WAVES: Final = 256  # numbers in the sinusoidal embedding of a scalar


def waves(values: Float[Tensor, "*n"], count: int = WAVES) -> Float[Tensor, "*n count"]:
    """``(cos(v f_i), sin(v f_i))`` with ``f_i = 10000^(-i / (count / 2))``."""
    half = count // 2
    frequencies = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=values.dtype, device=values.device) / half)
    phases = values[..., None] * frequencies
    return torch.cat([phases.cos(), phases.sin()], -1)


def positions(places: Float[Tensor, " n"], width: int) -> Float[Tensor, "n width"]:
    """``(sin(p f_i), cos(p f_i))`` with ``f_i = 10000^(-i / (width / 2))``: the table of positions along one axis."""
    half = width // 2
    frequencies = 1 / 10000 ** (torch.arange(half, dtype=torch.float64, device=places.device) / half)
    phases = places.to(torch.float64)[:, None] * frequencies
    return torch.cat([phases.sin(), phases.cos()], -1)


def grid_positions(height: int, width: int, channels: int, device: torch.device) -> Float[Tensor, "s channels"]:
    """Positions on a grid, rows first: half of the channels for the column, half for the row.

    A grid that is not square is stretched to the square of as many tokens, the size a model was trained at.
    """
    side = round(math.sqrt(height * width))
    rows = torch.arange(height, dtype=torch.float64, device=device) * (side / height)
    columns = torch.arange(width, dtype=torch.float64, device=device) * (side / width)
    down, across = torch.meshgrid(rows, columns, indexing="ij")
    halves = [positions(axis.flatten(), channels // 2) for axis in (across, down)]
    return torch.cat(halves, -1)


def rotate(x: Float[Tensor, "*b t d"]) -> Float[Tensor, "*b t d"]:
    """Rotary positions: channels ``2 i`` and ``2 i + 1`` at place ``p`` turn by ``p 10000^(-2 i / d)``.

    References:
        Su et al. 2024, eq. 15 and 34.
    """
    count, width = x.shape[-2:]
    exact = torch.float64 if x.dtype == torch.float64 else torch.float32
    frequencies = 10000.0 ** (-torch.arange(0, width, 2, dtype=exact, device=x.device) / width)
    phases = torch.arange(count, dtype=exact, device=x.device)[:, None] * frequencies
    cos, sin = phases.cos(), phases.sin()
    even, odd = x[..., 0::2].to(exact), x[..., 1::2].to(exact)
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2).to(x.dtype)


@final
class ScalarEmbedder(nn.Module):
    """A number as a vector: `waves`, then two linear maps with a SiLU between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(WAVES, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, values: Float[Tensor, "*n"]) -> Float[Tensor, "*n width"]:
        """Embed each number on its own."""
        embedded: Tensor = self.mlp(waves(values))
        return embedded
