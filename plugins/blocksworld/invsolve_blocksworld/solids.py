"""`Solids`: the solids of a batch of pictures, and where rays meet them."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from invsolve_blocksworld.scene import Scenes, Shape

MISS: Final = float("inf")


@final
@attrs.frozen(eq=False, kw_only=True)
class Solids:
    """The solids of ``f`` pictures, flattened to ``n = f k``, in float32.

    Attributes:
        centre: as in `Scenes`.
        angle: as in `Scenes`.
        radius: as in `Scenes`.
        half_height: as in `Scenes`.
        reach: as in `Scenes`.
        shape: as in `Scenes`.
        present: as in `Scenes`.
        pictures: ``f``.
    """

    pictures: int
    centre: Float[Tensor, "n 3"]
    angle: Float[Tensor, " n"]
    radius: Float[Tensor, " n"]
    half_height: Float[Tensor, " n"]
    reach: Float[Tensor, " n"]
    shape: Int[Tensor, " n"]
    present: Bool[Tensor, " n"]

    @property
    def places(self) -> int:
        """``k``: places for solids in a picture."""
        return len(self.radius) // self.pictures

    @classmethod
    def of(cls, scenes: Scenes, position: Float[Tensor, "b t k 2"], angle: Float[Tensor, "b t k"]) -> "Solids":
        """The solids of clips, one picture for each of the ``b t`` frames."""
        b, t, k, _ = position.shape

        def spread(values: Tensor) -> Tensor:
            return values[:, None].expand(b, t, k).reshape(-1)

        height = spread(scenes.half_height)
        centre = torch.cat([position.reshape(-1, 2), height[:, None]], -1)
        return cls(
            pictures=b * t,
            centre=centre.float(),
            angle=angle.reshape(-1).float(),
            radius=spread(scenes.radius).float(),
            half_height=height.float(),
            reach=spread(scenes.reach).float(),
            shape=spread(scenes.shape),
            present=spread(scenes.present),
        )

    def near_rays(self, eye: Float[Tensor, "3"], rays: Float[Tensor, "r 3"]) -> Bool[Tensor, "n r"]:
        """The rays from `eye`, the same for every picture, that pass through the ball around each solid.

        With ``w = c - eye`` the line passes the centre at the distance ``sqrt(|w|^2 - (w . d)^2)``, so that the ball
        of radius ``q`` is met where ``w . d > sqrt(|w|^2 - q^2)``.
        """
        towards = self.centre - eye
        least = (towards.square().sum(-1) - self._margin().square()).clamp_min(0).sqrt()
        least = torch.where(self.present, least, MISS)
        return towards @ rays.T > least[:, None]

    def near_beams(self, points: Float[Tensor, "r 3"], light: Float[Tensor, "3"]) -> Bool[Tensor, "n r"]:
        """The parallel beams from `points` along `light` that pass through the ball around each solid.

        Across the light, beam and centre are two points of a plane; ``|p - c|^2 < q^2`` is one matrix product of
        ``(p, |p|^2, 1)`` and ``(2 c, -1, q^2 - |c|^2)``.
        """
        across = torch.eye(3) - torch.outer(light, light)
        p, c = points @ across, self.centre @ across
        q = torch.where(self.present, self._margin().square(), -MISS)
        left = torch.cat([2 * c, -torch.ones(len(c), 1), (q - c.square().sum(-1))[:, None]], -1)
        right = torch.cat([p, p.square().sum(-1, keepdim=True), torch.ones(len(p), 1)], -1)
        return left @ right.T > 0

    def _margin(self) -> Tensor:
        # float32 cancels in both tests: a slightly bigger ball never loses a hit
        return 1.01 * self.reach + 1e-2

    def meet(
        self, which: Int[Tensor, " m"], origin: Float[Tensor, "m 3"], direction: Float[Tensor, "m 3"]
    ) -> tuple[Float[Tensor, " m"], Float[Tensor, "m 3"]]:
        """Distance along ray ``m`` to solid ``which[m]`` (infinite where it misses) and the outward normal there."""
        distance = torch.full((len(which),), MISS)
        normal = torch.zeros(len(which), 3)
        o, d = self._to_body(which, origin - self.centre[which]), self._to_body(which, direction)
        for shape, rule in ((Shape.SPHERE, self._sphere), (Shape.CUBE, self._cube), (Shape.CYLINDER, self._cylinder)):
            rows = (self.shape[which] == shape).nonzero()[:, 0]
            if len(rows):
                distance[rows], normal[rows] = rule(which[rows], o[rows], d[rows])
        return distance, self._to_world(which, normal)

    def _to_body(self, which: Tensor, v: Tensor) -> Tensor:
        return _turn(v, -self.angle[which])

    def _to_world(self, which: Tensor, v: Tensor) -> Tensor:
        return _turn(v, self.angle[which])

    def _sphere(self, which: Tensor, o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        along = (o * d).sum(-1)
        discriminant = along.square() - o.square().sum(-1) + self.radius[which].square()
        distance = -along - discriminant.clamp_min(0).sqrt()
        hit = (discriminant > 0) & (distance > 0)
        normal = (o + distance[:, None] * d) / self.radius[which][:, None]
        return torch.where(hit, distance, MISS), normal

    def _cube(self, which: Tensor, o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        half = (self.radius[which] * 0.5**0.5)[:, None]
        inverse = 1 / torch.where(d.abs() < 1e-9, 1e-9, d)
        one, other = (-half - o) * inverse, (half - o) * inverse
        entering, face = torch.minimum(one, other).max(-1)
        leaving = torch.maximum(one, other).min(-1).values
        hit = (entering < leaving) & (entering > 0)
        normal = torch.nn.functional.one_hot(face, 3) * -torch.sign(d)
        return torch.where(hit, entering, MISS), normal

    def _cylinder(self, which: Tensor, o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        radius, half = self.radius[which], self.half_height[which]
        a = d[:, :2].square().sum(-1).clamp_min(1e-12)
        along = (o[:, :2] * d[:, :2]).sum(-1)
        discriminant = along.square() - a * (o[:, :2].square().sum(-1) - radius.square())
        root = discriminant.clamp_min(0).sqrt()
        in_tube, out_tube = (-along - root) / a, (-along + root) / a
        inverse = 1 / torch.where(d[:, 2].abs() < 1e-9, 1e-9, d[:, 2])
        in_slab = torch.minimum((-half - o[:, 2]) * inverse, (half - o[:, 2]) * inverse)
        out_slab = torch.maximum((-half - o[:, 2]) * inverse, (half - o[:, 2]) * inverse)
        entering = torch.maximum(in_tube, in_slab)
        hit = (discriminant > 0) & (entering < torch.minimum(out_tube, out_slab)) & (entering > 0)
        point = o + entering[:, None] * d
        side = torch.cat([point[:, :2] / radius[:, None], torch.zeros_like(point[:, :1])], -1)
        cap = torch.cat([torch.zeros_like(point[:, :2]), -torch.sign(d[:, 2:])], -1)
        return torch.where(hit, entering, MISS), torch.where((in_slab > in_tube)[:, None], cap, side)


def _turn(v: Tensor, angle: Tensor) -> Tensor:
    """Rotate about the vertical, counter-clockwise seen from above."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([cos * v[:, 0] - sin * v[:, 1], sin * v[:, 0] + cos * v[:, 1], v[:, 2]], -1)
