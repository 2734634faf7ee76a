"""`World`: the law that scenes are drawn from, and the seeds of training, validation and test."""

import math
from collections.abc import Mapping
from typing import Final, Literal, final, get_args

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.validators import check_choice
from invsolve_blocksworld.scene import COLOURS, Scenes, Shape

Split = Literal["train", "validation", "test"]
WorldName = Literal["few", "crowd"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)
ATTEMPTS: Final = 200  # placements tried before all solids of a scene are drawn anew

Numbers = NDArray[np.float64]


def generator(split: Split, index: int) -> np.random.Generator:
    """The random numbers of clip `index` of a split; no two clips of any split share a stream."""
    check_choice("split", split, SPLITS)
    if index < 0:
        raise ComponentError(f"clips are numbered from 0, got index {index}.")
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence((SPLITS.index(split), index))))


@final
@attrs.frozen
class World:
    """The distribution of scenes: number, size and speed of their solids.

    Attributes:
        objects: least and largest number of solids, drawn evenly.
        radius: least and largest radius of the disc a solid stands in [m]; cubes get 1.2 times as much.
        speed: least and largest speed of a solid that moves [m/s].
        moving: how many of the others besides the first one move, a share in [0, 1].
        spin: largest turning rate of a moving solid [rad/s].
        drag: friction with the ground, ``v' = -drag v`` [1/s].
        field: solids start inside of ``|x|, |y| <= field`` [m], at least ``gap`` [m] apart.

    Raises:
        ComponentError: for ranges that are not ascending and non-negative.

    Examples:
        ```python
        World(objects=(1, 3))
        ```
    """

    objects: tuple[int, int] = (1, 3)
    radius: tuple[float, float] = (0.75, 1.25)
    speed: tuple[float, float] = (0.6, 2.4)
    moving: float = 0.6
    spin: float = 2.0
    drag: float = 0.15
    field: float = 2.5
    gap: float = 0.1

    def __attrs_post_init__(self) -> None:
        for name, (low, high) in (("objects", self.objects), ("radius", self.radius), ("speed", self.speed)):
            if not 0 < low <= high:
                raise ComponentError(f"{name} of a world must be two positive ascending numbers, got ({low}, {high}).")
        if not 0 <= self.moving <= 1 or min(self.spin, self.drag, self.gap) < 0 or self.field <= 0:
            raise ComponentError(f"a world needs moving in [0, 1], spin, drag, gap >= 0 and field > 0, got {self}.")

    def scenes(self, split: Split, start: int, count: int) -> Scenes:
        """The scenes of clips ``start .. start + count - 1`` of `split`; each is the same in any batch."""
        drawn = [self._draw(generator(split, start + i)) for i in range(count)]
        tensors = {
            name: torch.from_numpy(np.stack([scene[name] for scene in drawn]))
            for name in ("present", "shape", "colour", "metal", "radius", "position", "velocity", "angle", "spin")
        }
        return Scenes(**tensors)

    def _draw(self, rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
        places = self.objects[1]
        count = int(rng.integers(self.objects[0], places + 1))
        shape = rng.integers(0, len(Shape), places)
        radius, position = self._place(rng, count, shape)
        moving = (rng.random(places) < self.moving) | (np.arange(places) == 0)
        aim = rng.uniform(-0.5 * self.field, 0.5 * self.field, (places, 2)) - position
        heading = aim / np.maximum(np.linalg.norm(aim, axis=-1, keepdims=True), 1e-9)
        speed = rng.uniform(*self.speed, (places, 1))
        present = np.arange(places) < count
        return {
            "present": present,
            "shape": shape,
            "colour": rng.permutation(len(COLOURS))[np.arange(places) % len(COLOURS)],
            "metal": rng.random(places) < 0.5,
            "radius": radius,
            "position": position,
            "velocity": heading * speed * (moving & present)[:, None],
            "angle": rng.uniform(0, 2 * math.pi, places),
            "spin": rng.uniform(-self.spin, self.spin, places) * moving,
        }

    def _place(self, rng: np.random.Generator, count: int, shape: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
        """Radii and places without overlap; solids are drawn anew where they cannot all stand apart."""
        while True:
            radius = rng.uniform(*self.radius, len(shape)) * np.where(shape == Shape.CUBE, 1.2, 1.0)
            position = np.zeros((len(shape), 2))
            placed = 0
            for _ in range(ATTEMPTS):
                if placed == count:
                    return radius, position
                tried = rng.uniform(-self.field, self.field, 2)
                distance = np.linalg.norm(position[:placed] - tried, axis=-1)
                if np.all(distance > radius[:placed] + radius[placed] + self.gap):
                    position[placed] = tried
                    placed += 1


WORLDS: Final[Mapping[WorldName, World]] = {
    "few": World(),
    "crowd": World(objects=(3, 6), radius=(0.4, 0.75), speed=(0.6, 3.0), spin=4.0, field=2.8),
}
