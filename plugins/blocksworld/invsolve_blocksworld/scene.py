"""`Scenes`: what stands where at time 0, for a batch of clips."""

from enum import IntEnum
from typing import Final, final

import attrs
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

# linear-light albedo: red, blue, green, purple, cyan, yellow, grey, orange
COLOURS: Final = (
    (0.72, 0.10, 0.10),
    (0.12, 0.26, 0.85),
    (0.10, 0.48, 0.12),
    (0.50, 0.14, 0.72),
    (0.12, 0.75, 0.78),
    (0.95, 0.82, 0.12),
    (0.36, 0.36, 0.38),
    (0.95, 0.45, 0.10),
)


class Shape(IntEnum):
    """The solids; each stands on the plane inside a disc of its `radius`."""

    SPHERE = 0
    CUBE = 1
    CYLINDER = 2


@final
@attrs.frozen(eq=False, kw_only=True)
class Scenes:
    """The solids of ``b`` clips, ``k`` places each, some of them empty, in float64.

    Lengths have the world's own unit [m], angles [rad], times [s]. A solid touches another where the discs of their
    ``radius`` touch, so that no two solids ever cut through each other. A cube's disc passes through its corners.

    Attributes:
        present: which places hold a solid.
        shape: a `Shape`.
        colour: index in `COLOURS`.
        metal: whether it shines.
        radius: of its disc.
        position: of its centre, ``(x, y)``.
        velocity: of its centre, ``(x, y)``.
        angle: about the vertical.
        spin: [rad/s] of that angle.
    """

    present: Bool[Tensor, "b k"]
    shape: Int[Tensor, "b k"]
    colour: Int[Tensor, "b k"]
    metal: Bool[Tensor, "b k"]
    radius: Float[Tensor, "b k"]
    position: Float[Tensor, "b k 2"]
    velocity: Float[Tensor, "b k 2"]
    angle: Float[Tensor, "b k"]
    spin: Float[Tensor, "b k"]

    @property
    def mass(self) -> Float[Tensor, "b k"]:
        """``radius^3``: equal density."""
        return self.radius**3

    @property
    def half_height(self) -> Float[Tensor, "b k"]:
        """Height of the centre: ``r`` of a sphere, ``r / sqrt(2)`` of a cube, ``0.9 r`` of a cylinder."""
        factors = torch.tensor([1.0, 0.5**0.5, 0.9], dtype=self.radius.dtype)
        return self.radius * factors[self.shape]

    @property
    def reach(self) -> Float[Tensor, "b k"]:
        """Radius of a ball about the centre that holds the solid."""
        sphere = self.shape == Shape.SPHERE
        return torch.where(sphere, self.radius, (self.radius**2 + self.half_height**2).sqrt())
