"""`PhotographLaw`: the law of a sharp picture and its motion, given a blurred photograph."""

from typing import Final, final

import attrs
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.motion.line import oriented
from invsolve_photographs.motion.regions import Regions
from invsolve_photographs.network.estimate import Estimate
from invsolve_photographs.network.inference import video_of

PICTURE: Final = slice(0, 48)
REMAINDER: Final = slice(48, 96)
END: Final = slice(96, 98)
DIRECTION: Final = slice(98, 99)
CHANNELS: Final = 99
SMOOTH: Final = 3.0  # std of the kernel that makes errors of neighbouring displacements alike [points of the grid]


@final
@attrs.frozen(eq=False, kw_only=True)
class PhotographLaw:
    """Latents ``b 99 1 h4 w4`` on a grid of a quarter of the photograph's size, and their videos.

    All of a latent is standard normal but for its last channel, the direction, which is one number ``+1`` or ``-1`` all
    over each region of `Regions`:

    - 48 channels of the sharp picture ``M = mean + picture_std z`` (4 x 4 pixels of 3 channels);
    - 48 channels of a remainder ``R = remainder_std z`` that does not move: what warping one picture cannot show;
    - 2 channels of the displacement at time 1, ``o + end_std (k * z)`` with a Gaussian ``k`` that makes neighbours
      alike and keeps the variance;
    - the direction, which multiplies that displacement.

    ``x_t(p) = M(p + d(p, t)) + R(p)`` with ``d`` of `Path`; all of it is differentiable.

    Attributes:
        estimate: what the network saw.
        regions: of its motion.
        times: of the frames, see `Path`.
        picture_std: as maps, in display values and pixels of one component.
        end_std: as maps, in display values and pixels of one component.
    """

    estimate: Estimate
    regions: Regions
    times: Float[Tensor, " t"]
    picture_std: Float[Tensor, "1 1 h w"]
    end_std: Float[Tensor, "1 1 h4 w4"]
    remainder_std: float

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``c t h w`` of a latent."""
        return (CHANNELS, 1, *self.end_std.shape[-2:])

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the photograph [pixels]."""
        return (self.picture_std.shape[-2], self.picture_std.shape[-1])

    def decode(self, z: Float[Tensor, "b c 1 h4 w4"]) -> Float[Tensor, "b 3 t h w"]:
        """The video of a latent."""
        flat = z[:, :, 0]
        sharp = self.estimate.sharp.to(z) + self.picture_std.to(z) * self._pixels(flat[:, PICTURE])
        remainder = self.remainder_std * self._pixels(flat[:, REMAINDER])
        displacements = self.estimate.path.along(self.times.to(z), self.ends(flat))
        return video_of(sharp, displacements) + remainder[:, :, None]

    def ends(self, flat: Float[Tensor, "b c h4 w4"]) -> Float[Tensor, "b 2 h4 w4"]:
        """Displacements at time 1 of latents without their time axis."""
        mean = oriented(self.estimate.path.line.to(flat), self.regions.towards[None].to(flat))
        spread = self.end_std.to(flat) * smoothed(flat[:, END])
        return self.direction(flat[:, DIRECTION]) * (mean + spread)

    def direction(self, field: Float[Tensor, "b 1 h4 w4"]) -> Float[Tensor, "b 1 h4 w4"]:
        """The mean of a field over each region, at every point."""
        means = self.regions.sums(field) / self.regions.sizes().to(field)
        return self.regions.spread_out(means)

    def encode(self, video: Float[Tensor, "b 3 t h w"]) -> Float[Tensor, "b c 1 h4 w4"]:
        """A latent of `video`: the picture nearest to time 0, the mean motion in the directions that fit, the rest.

        Exact for videos whose motion is the mean one. The remainder is the mean over frames of what is left.
        """
        nearest = int(self.times.abs().argmin())
        z = video.new_zeros(len(video), *self.shape)
        picture = (video[:, :, nearest] - self.estimate.sharp.to(video)) / self.picture_std.to(video)
        z[:, PICTURE, 0] = self._quarters(picture)
        signs = torch.ones(len(video), self.regions.count).to(video)
        for region in range(self.regions.count):
            errors = []
            for sign in (1.0, -1.0):
                signs[:, region] = sign
                z[:, DIRECTION, 0] = self.regions.spread_out(signs)
                errors.append((self.decode(z) - video).square().flatten(1).mean(1))
            signs[:, region] = torch.where(errors[0] <= errors[1], 1.0, -1.0).to(video)
        z[:, DIRECTION, 0] = self.regions.spread_out(signs)
        left = (video - self.decode(z)).mean(2) / self.remainder_std
        z[:, REMAINDER, 0] = self._quarters(left)
        return z

    def with_remainder(
        self, z: Float[Tensor, "b c 1 h4 w4"], remainder: Float[Tensor, "b 3 h w"]
    ) -> Float[Tensor, "b c 1 h4 w4"]:
        """The latent with another remainder [display values]."""
        changed = z.clone()
        changed[:, REMAINDER, 0] = self._quarters(remainder / self.remainder_std)
        return changed

    def remainder(self, z: Float[Tensor, "b c 1 h4 w4"]) -> Float[Tensor, "b 3 h w"]:
        """The remainder of a latent [display values]."""
        return self.remainder_std * self._pixels(z[:, REMAINDER, 0])

    def _pixels(self, quarters: Float[Tensor, "b 48 h4 w4"]) -> Float[Tensor, "b 3 h w"]:
        height, width = self.size
        return F.pixel_shuffle(quarters, 4)[..., :height, :width]

    def _quarters(self, picture: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 48 h4 w4"]:
        height, width = self.size
        return F.pixel_unshuffle(F.pad(picture, (0, -width % 4, 0, -height % 4)), 4)


def smoothed(noise: Float[Tensor, "b k h w"]) -> Float[Tensor, "b k h w"]:
    """White noise of unit variance made smooth, with unit variance everywhere, at the border too."""
    reach = round(3 * SMOOTH)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1).to(noise) / SMOOTH).square())
    for axis in (-1, -2):
        noise = _along(noise, line, axis) / _along(torch.ones_like(noise[:1, :1]), line.square(), axis).sqrt()
    return noise


def _along(field: Tensor, line: Tensor, axis: int) -> Tensor:
    turned = field.transpose(axis, -1)
    kernel = line[None, None, None]
    flat = turned.reshape(-1, 1, *turned.shape[-2:])
    return F.conv2d(flat, kernel, padding=(0, len(line) // 2)).reshape(turned.shape).transpose(axis, -1)
