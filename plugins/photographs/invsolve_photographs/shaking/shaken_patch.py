"""`ShakenPatch`: sharp patches in motion, with layers that move on their own."""

from typing import Any, final

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from invsolve_photographs.shaking.camera_path import CameraPath, terms
from invsolve_photographs.shaking.example import FRAMES
from invsolve_photographs.shaking.still_folder import StillFolder

SUBFRAMES = 3
MARGIN = 28  # pixels of the still around the patch that motion may bring in
Array = np.ndarray[Any, Any]


@final
@attrs.frozen
class ShakenPatch:
    """Frames of a still photograph seen by a camera in motion, in linear light, and their motion.

    - ``side`` [pixels] of the patch, a multiple of 16.

    Six patches of ten have depth: what is near moves more. Each frame is the mean over a random share (0.3 to 1) of its
    time. Some stills are made soft first, so that softness is not taken for motion.

    Attributes:
        stills: what to cut from.
        camera: how it moves.
        layers: the chances of 0, 1, 2, ... objects with a motion of their own in front, with soft edges.
    """

    stills: StillFolder
    camera: CameraPath = attrs.field(factory=CameraPath)
    side: int = 128
    layers: tuple[float, ...] = (0.5, 0.35, 0.15)

    def draw(self, rng: np.random.Generator) -> tuple[Float[Tensor, "3 t h w"], Float[Tensor, "2 t h4 w4"]]:
        """Random frames and ``frame_t(x) = frame_3(x + motion_t(x))``."""
        times = self._times(rng)
        length = self.camera.length(rng)
        own = self.camera.coefficients(rng, times, length)
        field, motion = self._fields(own)
        if rng.random() < 0.6:
            depth = _smooth(rng, 4, self.side).clamp(-2, 2) * 0.5
            sway = np.outer(0.35 * length * rng.standard_normal(2), self.camera.course(rng, times))
            field = field + _plain(sway)[:, :, None, None] * depth
            middles = _plain(sway)[:, SUBFRAMES // 2 :: SUBFRAMES]
            motion = motion + middles[:, :, None, None] * F.avg_pool2d(depth[None, None], 4)[0, 0]
        frames = self._seen(self._patch(rng), field)
        for _ in range(int(rng.choice(len(self.layers), p=self.layers))):
            frames, motion = self._covered(rng, frames, motion, own, times)
        return frames.reshape(3, FRAMES, SUBFRAMES, self.side, self.side).mean(2).clamp(0, 1), motion

    def _covered(
        self, rng: np.random.Generator, frames: Tensor, motion: Tensor, camera: Array, times: Array
    ) -> tuple[Tensor, Tensor]:
        """An object in front, whose motion is mostly the camera's with its own added."""
        own = self.camera.coefficients(rng, times, 1.3 * self.camera.length(rng))
        field, its = self._fields(own + (camera if rng.random() < 0.7 else 0.0))
        whole = self.side + 2 * MARGIN
        outline = _smooth(rng, 5, whole) + 0.25 * _smooth(rng, 14, whole) - (0.1 + 1.1 * rng.random())
        soft = (outline * 12 + 0.5).clamp(0, 1)
        seen = self._seen(torch.cat([self._patch(rng), soft[None]]), field)
        share = seen[3:]
        over = F.avg_pool2d(share[0, SUBFRAMES // 2 :: SUBFRAMES], 4) > 0.5
        return share * seen[:3] + (1 - share) * frames, torch.where(over, its, motion)

    def _patch(self, rng: np.random.Generator) -> Tensor:
        patch = torch.from_numpy(self.stills.patch(rng, self.side + 2 * MARGIN)).permute(2, 0, 1)
        return softened(patch, 1.1 * rng.random()) if rng.random() < 0.4 else patch

    def _times(self, rng: np.random.Generator) -> Array:
        duty = 0.3 + 0.7 * rng.random()
        gap = 2 / (FRAMES - 1)
        within = (np.arange(SUBFRAMES) - (SUBFRAMES - 1) / 2) / SUBFRAMES * duty * gap
        return np.asarray((np.linspace(-1, 1, FRAMES)[:, None] + within).ravel())

    def _fields(self, coefficients: Array) -> tuple[Tensor, Tensor]:
        """Displacements ``2 t h w`` at every sub-frame, and at a quarter of the size in the middle of every frame."""
        turned = _plain(coefficients).transpose(0, 1)
        fine = turned @ _plain(terms(self.side, self.side).reshape(-1, self.side**2))
        coarse = turned[:, SUBFRAMES // 2 :: SUBFRAMES] @ _plain(
            terms(self.side, self.side, 4).reshape(-1, (self.side // 4) ** 2)
        )
        return (
            fine.reshape(2, -1, self.side, self.side),
            coarse.reshape(2, -1, self.side // 4, self.side // 4),
        )

    def _seen(self, patch: Float[Tensor, "c p p"], field: Float[Tensor, "2 m h w"]) -> Float[Tensor, "c m h w"]:
        count, whole = field.shape[1], patch.shape[-1]
        place = torch.arange(self.side) + MARGIN
        down = (field[0] + place[:, None]) * (2 / (whole - 1)) - 1
        right = (field[1] + place) * (2 / (whole - 1)) - 1
        grid = torch.stack([right, down], -1).reshape(1, count * self.side, self.side, 2)
        seen = F.grid_sample(patch[None], grid, mode="bilinear", padding_mode="reflection", align_corners=True)
        return seen.reshape(len(patch), count, self.side, self.side)


def softened(picture: Float[Tensor, "*c h w"], std: float) -> Float[Tensor, "*c h w"]:
    """`picture` blurred by a Gaussian of `std` pixels."""
    if std < 0.15:
        return picture
    reach = max(1, round(3 * std))
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / std).square())
    line = line / line.sum()
    flat = F.pad(picture.reshape(-1, 1, *picture.shape[-2:]), (reach,) * 4, mode="reflect")
    blurred = F.conv2d(F.conv2d(flat, line[None, None, None]), line[None, None, :, None])
    return blurred.reshape(picture.shape)


def _smooth(rng: np.random.Generator, knots: int, side: int) -> Float[Tensor, "side side"]:
    coarse = _plain(rng.standard_normal((1, 1, knots, knots)))
    return F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=True)[0, 0]


def _plain(values: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
