"""Reader `shaken`: a sharp photograph, blurred by a shaking camera, with the frames behind it."""

from typing import final

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media import ReadContext, Reader, Recording
from invsolve.training import numbers
from invsolve.validators import instance, number, whole
from invsolve.video.space import VideoSpace
from invsolve_photographs.motion.path import EXPOSURE
from invsolve_photographs.shaking.camera_path import CameraPath, terms
from invsolve_photographs.shaking.generator import GAMMA

INSTANTS = 5  # of each frame


@final
@attrs.frozen
class ShakenReader(Reader):
    """A still photograph seen by a camera in motion: one blurred frame, and the sharp frames behind it as truth.

    The camera shifts, rolls, zooms and turns along smooth random paths (`CameraPath`), and half of the picture's depth
    moves more than the rest. The photograph is the mean of ``5 frames`` instants in linear light (gamma 2.2), rounded
    to 8 bits, as photographs are. Beyond its edges the still is mirrored.

    Attributes:
        still: reader of one sharp picture of 3 channels.
        frames: of the truth, which share the exposure without gaps.
        motion: length of the shift from the middle of the exposure to the middle of its last seventh [pixels].
        depth: how much more or less near and far things shift, as a share of ``motion``.
        seed: decides the path and the depth, whatever the recipe's seed is.

    Raises:
        ReadError: where ``still`` is not one picture of 3 channels.

    Examples:
        ```python
        ShakenReader(still=SampleReader("coffee"), motion=5.0, seed=3).read(ReadContext())
        ```

        ```yaml
        input: {read: shaken, still: {read: sample, name: coffee}, motion: 5.0, seed: 3}
        ```
    """

    still: Reader = attrs.field(validator=instance(Reader))
    frames: int = attrs.field(default=7, validator=whole(least=1))
    motion: float = attrs.field(default=4.0, validator=number(least=0.0))
    depth: float = attrs.field(default=0.35, validator=number(least=0.0))
    seed: int = attrs.field(default=0, validator=whole(least=0))

    def read(self, context: ReadContext) -> Recording:
        """Read the still, and shake it."""
        recording = self.still.read(context)
        if recording.space.frames != 1 or recording.space.channels != 3 or len(recording.video) != 1:
            raise ReadError(
                f"{recording.name} has {recording.space.frames} frames and {recording.space.channels} channels; only"
                " one picture of three channels can be shaken: write `channels: rgb`."
            )
        light = recording.video[:, :, 0].clamp(0, 1).pow(GAMMA)
        fields = self._fields(light.shape[-2], light.shape[-1])
        frames, total = [], torch.zeros_like(light)
        for group in torch.split(fields, INSTANTS):
            seen = torch.cat([_moved(light, field) for field in group])
            frames.append(seen.mean(0, keepdim=True).clamp(0, 1).pow(1 / GAMMA))
            total += seen.sum(0, keepdim=True)
        blurred = (total / len(fields)).clamp(0, 1).pow(1 / GAMMA)
        video = (blurred * 255).round()[:, :, None] / 255
        truth = torch.stack(frames, 2)
        space = VideoSpace.of(video, transfer=recording.space.transfer)
        return Recording(
            video=video,
            space=space,
            name=f"{recording.name}, shaken",
            sha256=recording.sha256,
            truth=truth,
            truth_space=attrs.evolve(space, frames=self.frames),
        )

    def _fields(self, height: int, width: int) -> Float[Tensor, "m 2 h w"]:
        """Displacements ``(down, right)`` of every instant [pixels]."""
        rng = numbers(self.seed, "shaken", 0)
        times = ((np.arange(self.frames * INSTANTS) + 0.5) / (self.frames * INSTANTS) * 2 - 1) * EXPOSURE
        path = CameraPath()
        plane = path.coefficients(rng, times, self.motion) @ terms(height, width).reshape(-1, height * width)
        knots = torch.from_numpy(rng.standard_normal((1, 1, 4, 4)))
        depth = F.interpolate(knots, size=(height, width), mode="bicubic", align_corners=True).clamp(-2, 2) / 2
        sway = np.outer(path.course(rng, times), self.depth * self.motion * rng.standard_normal(2))
        field = torch.from_numpy(plane).reshape(len(times), 2, height, width)
        return (field + torch.from_numpy(sway)[:, :, None, None] * depth[0]).float()


def _moved(picture: Float[Tensor, "1 3 h w"], field: Float[Tensor, "2 h w"]) -> Float[Tensor, "1 3 h w"]:
    height, width = picture.shape[-2:]
    down = (field[0] + torch.arange(height)[:, None]) * (2 / max(1, height - 1)) - 1
    right = (field[1] + torch.arange(width)) * (2 / max(1, width - 1)) - 1
    grid = torch.stack([right, down], -1)[None]
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
