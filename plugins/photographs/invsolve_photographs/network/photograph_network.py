"""`PhotographNetwork`: from a blurred photograph to a sharp picture and its motion."""

from typing import Final, final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from invsolve_photographs.motion.path import Path
from invsolve_photographs.network.autocorrelation import FEATURES, autocorrelation
from invsolve_photographs.network.configuration import PhotographConfiguration
from invsolve_photographs.network.estimate import Estimate
from invsolve_photographs.network.residual_block import ResidualBlock, zero_bias
from invsolve_photographs.network.sharpener import Sharpener

MULTIPLE: Final = 16  # both sides of a picture must be multiples of this
LINE_SCALE, SHAPE_SCALE, EVEN_SCALE = 4.0, 0.2, (0.3, 0.6, 1.0)
TYPICAL_SHARP, TYPICAL_END = 0.02, 0.7  # spreads that the heads begin with


@final
class PhotographNetwork(nn.Module):
    """A U-shaped network on quarter-size pixels with two heads, and a `Sharpener` after it.

    Motion is predicted as lines and even displacements (see `Path`), since a blurred picture does not show the
    direction of time: nothing the network says is ambiguous. The spreads are read off the features without a
    gradient into them.
    """

    def __init__(self, sizes: PhotographConfiguration) -> None:
        super().__init__()
        one, two, three = sizes.widths
        fine, middle, coarse = sizes.blocks
        self.entry = nn.Conv2d(48, one, 3, padding=1)
        self.encoder1, self.down1 = _blocks(one, fine), nn.Conv2d(one, two, 2, stride=2)
        self.encoder2, self.down2 = _blocks(two, middle), nn.Conv2d(two, three, 2, stride=2)
        self.ridges = nn.Sequential(nn.Conv2d(FEATURES, two, 1), nn.ReLU(), nn.Conv2d(two, two, 3, padding=1))
        self.bottom = nn.Sequential(*[ResidualBlock(three, 2 if i % 2 else 1) for i in range(coarse)])
        self.up2, self.decoder2 = nn.Conv2d(three, two, 1), _blocks(two, middle - 1)
        self.up1, self.decoder1 = nn.Conv2d(two, one, 1), _blocks(one, fine)
        self.motion = nn.Sequential(
            nn.Conv2d(one + two, one, 3, padding=1), nn.ReLU(), nn.Conv2d(one, 10, 3, padding=1)
        )
        self.picture = nn.Conv2d(one, 48, 3, padding=1)
        self.spread = nn.Sequential(
            nn.Conv2d(one + two, one, 3, padding=1), nn.ReLU(), nn.Conv2d(one, 17, 3, padding=1)
        )
        self.sharpener = Sharpener(sizes.sharpener_width, sizes.sharpener_blocks, one)
        for head in (self.motion[2], self.picture, self.spread[2]):
            assert isinstance(head, nn.Conv2d)
            nn.init.normal_(head.weight, std=2e-3)
            zero_bias(head)

    def forward(self, photograph: Float[Tensor, "b 3 h w"]) -> Estimate:
        """What the network sees in photographs of display values in [0, 1], whose sides are multiples of 16."""
        small = F.pixel_unshuffle(photograph - 0.5, 4).contiguous(memory_format=torch.channels_last)
        ridges = autocorrelation(photograph).contiguous(memory_format=torch.channels_last)
        fine = self.encoder1(self.entry(small))
        middle = self.encoder2(self.down1(fine) + self.ridges(ridges))
        coarse = self.bottom(self.down2(middle))
        middle = self.decoder2(middle + _doubled_size(self.up2(coarse)))
        context = _doubled_size(middle)
        fine = self.decoder1(fine + _doubled_size(self.up1(middle)))
        features = torch.cat([fine, context], 1)
        path = _path(self.motion(features).float())
        first = photograph + F.pixel_shuffle(self.picture(fine).float(), 4)
        sharp = self.sharpener(photograph, path.line, first, fine)
        spread = self.spread(features.detach()).float()
        return Estimate(
            sharp,
            path,
            TYPICAL_SHARP * _positive(F.pixel_shuffle(spread[:, :16], 4)),
            TYPICAL_END * _positive(spread[:, 16:]),
        )


def channels_last(network: PhotographNetwork) -> PhotographNetwork:
    """The network with its parameters in the order of memory in which convolutions are fastest."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*[ResidualBlock(width) for _ in range(count)])


def _doubled_size(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


def _positive(x: Tensor) -> Tensor:
    return x.clamp(-5, 4).exp()


def _path(head: Float[Tensor, "b 10 h w"]) -> Path:
    scale = torch.tensor(EVEN_SCALE, dtype=head.dtype, device=head.device)[None, None, :, None, None]
    return Path(head[:, :2] * LINE_SCALE, head[:, 2:4] * SHAPE_SCALE, _even(head[:, 4:]) * scale)


def _even(channels: Float[Tensor, "b 6 h w"]) -> Float[Tensor, "b 2 3 h w"]:
    return channels.reshape(len(channels), 2, 3, *channels.shape[-2:])
