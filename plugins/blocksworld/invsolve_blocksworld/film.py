"""`Film`: moving solids seen by a camera, and the ground truth of what is seen."""

from typing import Final, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve_blocksworld.physics import Motion, move
from invsolve_blocksworld.ray_caster import Hits, RayCaster
from invsolve_blocksworld.scene import COLOURS
from invsolve_blocksworld.solids import Solids
from invsolve_blocksworld.world import Split, World

PICTURES_AT_ONCE: Final = 20  # bounds the memory of casting: about 200 MB for 64 x 64 x 2^2 rays and 3 solids


@final
@attrs.frozen(eq=False, kw_only=True)
class Truth:
    """Ground truth of every frame; pixel coordinates as in `Camera`.

    - ``position`` (centre, [m]), ``velocity`` [m/s], ``angle`` [rad], ``pixel``: the tracks of the solids.

    Attributes:
        solid: the solid seen at each pixel centre, -1 for the ground.
        flow: displacement ``(x, y)`` [pixels] of the surface point seen at frame ``t`` until frame ``t + 1``.
        steady: the point is seen in frame ``t + 1`` as well (not hidden, not outside) and no shadow edge crosses it.
        present: which places hold a solid at all.
    """

    solid: Int[Tensor, "b t h w"]
    flow: Float[Tensor, "b t1 2 h w"]
    steady: Bool[Tensor, "b t1 h w"]
    position: Float[Tensor, "b t k 3"]
    velocity: Float[Tensor, "b t k 2"]
    angle: Float[Tensor, "b t k"]
    pixel: Float[Tensor, "b t k 2"]
    present: Bool[Tensor, "b k"]


@final
@attrs.frozen
class Film:
    """Clips of a world: ``frames`` pictures, the first at `start` [s], `frame_rate` of them a second.

    Time is continuous: ten times the frame rate shows the same motion ten times as finely. Clip ``i`` of a split is
    bit for bit the same whichever clips are made with it.

    Examples:
        ```python
        video = Film(world=World(), frames=10).shoot("test", index=0, count=4)
        ```
    """

    world: World = attrs.field(factory=World)
    caster: RayCaster = attrs.field(factory=lambda: RayCaster(height=64, width=64))
    frames: int = 10
    frame_rate: float = 12.5
    start: float = 0.0

    def __attrs_post_init__(self) -> None:
        if self.frames < 1 or not self.frame_rate > 0 or self.start < 0:
            raise ComponentError(
                f"a film needs frames >= 1, frame_rate > 0 and start >= 0, got {self.frames}, {self.frame_rate} and"
                f" {self.start}."
            )

    @property
    def times(self) -> Float[Tensor, " t"]:
        """The time of each frame [s]."""
        return self.start + torch.arange(self.frames, dtype=torch.float64) / self.frame_rate

    def motion(self, split: Split, index: int, count: int = 1) -> Motion:
        """The paths of the solids of clips ``index .. index + count - 1``."""
        return move(self.world.scenes(split, index, count), self.world.drag, float(self.times[-1]))

    def shoot(self, split: Split, index: int, count: int = 1) -> Float[Tensor, "b 3 t h w"]:
        """Clips in linear light, in [0, 1]."""
        return torch.cat([self._shoot(split, i) for i in range(index, index + count)])

    def _shoot(self, split: Split, index: int) -> Tensor:
        motion = self.motion(split, index)
        position, _, angle = motion.at(self.times)
        albedo = torch.tensor(COLOURS)[motion.scenes.colour[0]]
        metal = motion.scenes.metal[0].float()
        pictures = []
        for first in range(0, self.frames, PICTURES_AT_ONCE):
            part = slice(first, first + PICTURES_AT_ONCE)
            solids = Solids.of(motion.scenes, position[:, part], angle[:, part])
            f = solids.pictures
            pictures.append(self.caster.draw(solids, albedo.repeat(f, 1), metal.repeat(f)))
        return rearrange(torch.cat(pictures), "t c h w -> 1 c t h w")

    def truth(self, split: Split, index: int, count: int = 1) -> Truth:
        """The ground truth of the same clips, one ray through every pixel centre."""
        motion = self.motion(split, index, count)
        position, velocity, angle = motion.at(self.times)
        solids = Solids.of(motion.scenes, position, angle)
        caster = self.caster
        rays = caster.camera.rays(caster.height, caster.width)
        hits = caster.cast(solids, rays)
        shadow = caster.shadows(solids, rays) * (hits.solid < 0)
        centre = rearrange(solids.centre, "(b t k) xyz -> b t k xyz", b=count, t=self.frames)
        seen = rearrange(hits.solid, "(b t) r -> b t r", b=count)
        depth = rearrange(hits.distance, "(b t) r -> b t r", b=count)
        later = self._later(hits, centre, angle, rays, count)
        landed = caster.camera.project(later, caster.height, caster.width)
        grid = caster.camera.project(caster.camera.axes()[0] + rays, caster.height, caster.width)
        flow = landed - grid
        shape = {"h": caster.height, "w": caster.width}
        return Truth(
            solid=rearrange(seen, "b t (h w) -> b t h w", **shape),
            flow=rearrange(flow, "b t (h w) xy -> b t xy h w", **shape),
            steady=rearrange(
                self._steady(seen, depth, rearrange(shadow, "(b t) r -> b t r", b=count), later, landed),
                "b t (h w) -> b t h w",
                **shape,
            ),
            position=centre,
            velocity=velocity,
            angle=angle,
            pixel=caster.camera.project(centre, caster.height, caster.width),
            present=motion.scenes.present,
        )

    def _later(self, hits: Hits, centre: Tensor, angle: Tensor, rays: Tensor, count: int) -> Tensor:
        """The position, one frame later, of the surface point that each ray sees, ``b t-1 r 3``."""
        eye = self.caster.camera.axes()[0]
        distance = torch.where(hits.distance.isfinite(), hits.distance, 1e4)
        point = rearrange(eye + distance[..., None] * rays, "(b t) r xyz -> b t r xyz", b=count)[:, :-1]
        solid = rearrange(hits.solid, "(b t) r -> b t r", b=count)[:, :-1]
        chosen = solid.clamp_min(0)
        at, to = (_pick(part, chosen) for part in (centre[:, :-1], centre[:, 1:]))
        turn = _pick((angle[:, 1:] - angle[:, :-1])[..., None], chosen)[..., 0].float()
        arm = point - at
        cos, sin = turn.cos(), turn.sin()
        turned = torch.stack(
            [cos * arm[..., 0] - sin * arm[..., 1], sin * arm[..., 0] + cos * arm[..., 1], arm[..., 2]], -1
        )
        return torch.where((solid >= 0)[..., None], to + turned, point)

    def _steady(self, seen: Tensor, depth: Tensor, shadow: Tensor, later: Tensor, landed: Tensor) -> Tensor:
        """Every pixel around the landing point shows the same surface, as deep as the point, as lit as before."""
        h, w = self.caster.height, self.caster.width
        far = (later - self.caster.camera.axes()[0]).norm(dim=-1)
        column, row = (landed - 0.5).floor().long().unbind(-1)
        steady = (column >= 0) & (column < w - 1) & (row >= 0) & (row < h - 1)
        for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
            there = (row + down).clamp(0, h - 1) * w + (column + right).clamp(0, w - 1)
            steady &= seen[:, 1:].gather(2, there) == seen[:, :-1]
            steady &= shadow[:, 1:].gather(2, there) == shadow[:, :-1]
            steady &= (depth[:, 1:].gather(2, there) - far).abs() < 0.05 * far
        return steady


def _pick(values: Float[Tensor, "b t k n"], solid: Int[Tensor, "b t r"]) -> Float[Tensor, "b t r n"]:
    return values.gather(2, solid[..., None].expand(*solid.shape, values.shape[-1]))
