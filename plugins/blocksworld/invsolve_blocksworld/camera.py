"""`Camera`: perspective projection, both ways."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

Vector = tuple[float, float, float]


@final
@attrs.frozen
class Camera:
    """A pinhole camera at `eye` [m] that looks at `target` [m], its picture upright.

    Pixel coordinates are ``(x, y)``: right and down [pixels], ``(0, 0)`` the outer corner of the first pixel, whose
    centre is ``(0.5, 0.5)``.

    Attributes:
        half_width: tangent of half the horizontal angle of view.
    """

    eye: Vector = (0.0, -7.5, 4.6)
    target: Vector = (0.0, 0.4, 0.0)
    half_width: float = 0.42

    def axes(self, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Eye, and the unit vectors right, down and forward."""
        eye = torch.tensor(self.eye, dtype=torch.float64)
        forward = torch.nn.functional.normalize(torch.tensor(self.target, dtype=torch.float64) - eye, dim=0)
        right = torch.linalg.cross(forward, torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64))
        right = torch.nn.functional.normalize(right, dim=0)
        down = torch.linalg.cross(forward, right)
        return eye.to(dtype), right.to(dtype), down.to(dtype), forward.to(dtype)

    def rays(self, height: int, width: int, samples: int = 1) -> Float[Tensor, "r 3"]:
        """Unit directions through a grid of ``samples^2`` points in every pixel, in rows of ``width * samples``."""
        _, right, down, forward = self.axes(torch.float64)
        x = (torch.arange(width * samples, dtype=torch.float64) + 0.5) / samples
        y = (torch.arange(height * samples, dtype=torch.float64) + 0.5) / samples
        scale = 2 * self.half_width / width
        across, along = (x - width / 2) * scale, (y - height / 2) * scale
        directions = forward + across[None, :, None] * right + along[:, None, None] * down
        return torch.nn.functional.normalize(directions, dim=-1).reshape(-1, 3).float()

    def project(self, points: Float[Tensor, "*n 3"], height: int, width: int) -> Float[Tensor, "*n 2"]:
        """Pixel coordinates ``(x, y)`` of points in front of the camera."""
        eye, right, down, forward = self.axes(points.dtype)
        relative = points - eye
        depth = relative @ forward
        scale = width / (2 * self.half_width)
        return torch.stack(
            [relative @ right / depth * scale + width / 2, relative @ down / depth * scale + height / 2], -1
        )
