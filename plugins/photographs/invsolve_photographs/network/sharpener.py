"""`Sharpener`: the second stage, which sharpens along the motion that the first one saw."""

from typing import Final, final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from invsolve_photographs.motion.line import halved
from invsolve_photographs.motion.render import render
from invsolve_photographs.network.residual_block import ResidualBlock, zero_bias

STEPS: Final = (-2.0, -1.0, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1.0, 2.0)  # in end displacements


@final
class Sharpener(nn.Module):
    """A correction of the sharp picture from copies of the photograph that are displaced along its motion.

    With such copies, deconvolution in any direction and of any length is one fixed local filter.
    """

    def __init__(self, width: int, blocks: int, context: int) -> None:
        super().__init__()
        self.entry = nn.Conv2d(4 * 3 * (len(STEPS) + 2), width, 3, padding=1)
        self.context = nn.Conv2d(context, width, 1)
        self.body = nn.Sequential(*[ResidualBlock(width) for _ in range(blocks)])
        self.exit = nn.Conv2d(width, 12, 3, padding=1)
        zero_bias(self.exit)
        nn.init.normal_(self.exit.weight, std=2e-3)

    def forward(
        self,
        photograph: Float[Tensor, "b 3 h w"],
        line: Float[Tensor, "b 2 h4 w4"],
        sharp: Float[Tensor, "b 3 h w"],
        features: Float[Tensor, "b k h4 w4"],
    ) -> Float[Tensor, "b 3 h w"]:
        """The first stage's picture `sharp`, corrected. No gradient goes through the displaced copies."""
        with torch.no_grad():
            steps = torch.tensor(STEPS, dtype=line.dtype, device=line.device)
            along = halved(line)[:, :, None] * steps[None, None, :, None, None]
            copies = render(photograph, along) - photograph[:, :, None]
            known = torch.cat([copies.flatten(1, 2), photograph - 0.5], 1)
        seen = torch.cat([known, sharp - photograph], 1)
        seen = F.pixel_unshuffle(_working(seen), 2).contiguous(memory_format=torch.channels_last)
        context = F.interpolate(self.context(features), scale_factor=2, mode="nearest")
        correction = self.exit(self.body(F.relu(self.entry(seen) + context)))
        return sharp + F.pixel_shuffle(correction.float(), 2)


def _working(x: Tensor) -> Tensor:
    """In the precision that convolutions will be made in, so that large inputs are written once."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x
