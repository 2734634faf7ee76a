"""`RayCaster`: pictures of solids on a plane, with shading, hard shadows and anti-aliasing."""

from typing import Final, final

import attrs
import torch
from einops import rearrange, reduce
from jaxtyping import Float, Int
from torch import Tensor

from invsolve_blocksworld.camera import Camera, Vector
from invsolve_blocksworld.solids import Solids

GROUND_COLOUR: Final = (0.50, 0.49, 0.47)
SKY_COLOUR: Final = (0.62, 0.66, 0.72)
LIFT: Final = 1e-3  # [m] shadow rays start this far off a surface


@final
@attrs.frozen(eq=False)
class Hits:
    """The first hits of the rays of ``f`` pictures.

    Attributes:
        solid: index of the solid in its picture, or -1 for ground and sky.
        distance: along the ray [m], infinite for sky.
        normal: outward.
    """

    solid: Int[Tensor, "f r"]
    distance: Float[Tensor, "f r"]
    normal: Float[Tensor, "f r 3"]


@final
@attrs.frozen
class RayCaster:
    """Casts ``samples^2`` rays through every pixel of ``height x width`` pictures and shades what they meet.

    Lambert shading under one distant light and a sky brighter above; metal adds a narrow highlight and mirrors the
    sky and the ground. Values are linear light. Only rays that pass through the ball around a solid are intersected
    with it, so that the cost is that of the few pixels that a solid or its shadow covers.
    """

    height: int
    width: int
    samples: int = 2
    camera: Camera = attrs.field(factory=Camera)
    light: Vector = (0.45, -0.5, 0.9)

    def draw(
        self, solids: Solids, albedo: Float[Tensor, "n 3"], metal: Float[Tensor, " n"]
    ) -> Float[Tensor, "f 3 h w"]:
        """Pictures of `solids` in linear light, in [0, 1]."""
        rays = self.camera.rays(self.height, self.width, self.samples)
        hits = self.cast(solids, rays)
        colour = self._ground(solids, rays)
        self._shade(colour, solids, rays, hits, albedo, metal)
        pattern = "f (h i w j) c -> f c h w"
        return reduce(colour.clamp(0, 1), pattern, "mean", h=self.height, w=self.width, i=self.samples, j=self.samples)

    def cast(self, solids: Solids, rays: Float[Tensor, "r 3"]) -> Hits:
        """The first hit of each ray."""
        eye = self.camera.axes()[0]
        f, k, r = solids.pictures, solids.places, len(rays)
        which, ray = solids.near_rays(eye, rays).nonzero().T
        distance, normal = solids.meet(which, eye.expand(len(ray), 3), rays[ray])
        hit = distance.isfinite()
        which, ray, distance, normal = which[hit], ray[hit], distance[hit], normal[hit]
        place = which.div(k, rounding_mode="floor") * r + ray
        nearest = torch.full((f * r,), float("inf")).scatter_reduce(0, place, distance, "amin")
        front = distance == nearest[place]
        solid = torch.full((f * r,), -1, dtype=torch.long)
        solid[place[front]] = which[front] % k
        normals = torch.zeros(f * r, 3)
        normals[place[front]] = normal[front]
        ground = self._ground_distance(rays).expand(f, r)
        seen = rearrange(solid, "(f r) -> f r", f=f)
        return Hits(
            solid=seen,
            distance=torch.where(seen >= 0, rearrange(nearest, "(f r) -> f r", f=f), ground),
            normal=rearrange(normals, "(f r) xyz -> f r xyz", f=f),
        )

    def shadows(self, solids: Solids, rays: Float[Tensor, "r 3"]) -> Float[Tensor, "f r"]:
        """1 where the ground under a ray lies in the shadow of a solid, else 0."""
        f, k, r = solids.pictures, solids.places, len(rays)
        distance = self._ground_distance(rays)
        on_ground = distance.isfinite().nonzero()[:, 0]
        points = self.camera.axes()[0] + distance[on_ground, None] * rays[on_ground]
        light = self._light()
        which, point = solids.near_beams(points, light).nonzero().T
        blocked = solids.meet(which, points[point], light.expand(len(point), 3))[0].isfinite()
        shadow = torch.zeros(f, r)
        shadow[which[blocked].div(k, rounding_mode="floor"), on_ground[point[blocked]]] = 1.0
        return shadow

    def _light(self) -> Tensor:
        return torch.nn.functional.normalize(torch.tensor(self.light), dim=0)

    def _ground_distance(self, rays: Tensor) -> Tensor:
        height = self.camera.axes()[0][2]
        return torch.where(rays[:, 2] < -1e-3, -height / rays[:, 2].clamp_max(-1e-3), float("inf"))

    def _ground(self, solids: Solids, rays: Tensor) -> Tensor:
        light = self._light()
        lit = 0.45 + 0.75 * light[2] * (1 - 0.75 * self.shadows(solids, rays))
        ground = torch.tensor(GROUND_COLOUR) * lit[..., None]
        # haze joins the plane and the sky
        haze = (self._ground_distance(rays) / 30).clamp(0, 1)[None, :, None]
        return ground * (1 - haze) + torch.tensor(SKY_COLOUR) * haze

    def _shade(self, colour: Tensor, solids: Solids, rays: Tensor, hits: Hits, albedo: Tensor, metal: Tensor) -> None:
        picture, ray = (hits.solid >= 0).nonzero().T
        own = picture * solids.places + hits.solid[picture, ray]
        normal, view = hits.normal[picture, ray], rays[ray]
        point = self.camera.axes()[0] + hits.distance[picture, ray, None] * view
        light = self._light()
        lit = 1 - self._shadowed(solids, picture, own, point + LIFT * normal)
        facing = (normal @ light).clamp_min(0) * (0.25 + 0.75 * lit)
        base = albedo[own]
        diffuse = base * (0.30 + 0.20 * normal[:, 2] + 0.70 * facing)[:, None]
        halfway = torch.nn.functional.normalize(light - view, dim=-1)
        highlight = (normal * halfway).sum(-1).clamp_min(0)
        shine = lit * (highlight**60 * 0.7 * metal[own] + highlight**12 * 0.08)
        mirrored = view - 2 * (view * normal).sum(-1, keepdim=True) * normal
        sky = torch.sigmoid(6 * mirrored[:, 2:])
        surroundings = sky * torch.tensor(SKY_COLOUR) + (1 - sky) * 0.6 * torch.tensor(GROUND_COLOUR)
        mirror = (0.35 * metal[own])[:, None]
        colour[picture, ray] = diffuse * (1 - mirror) + surroundings * (0.3 + 0.7 * base) * mirror + shine[:, None]

    def _shadowed(self, solids: Solids, picture: Tensor, own: Tensor, point: Tensor) -> Tensor:
        """1 where another solid of the picture stands between a point of a surface and the light."""
        light = self._light()
        k = solids.places
        others = picture[:, None] * k + torch.arange(k)
        towards = solids.centre[others] - point[:, None]
        along = towards @ light
        close = towards.square().sum(-1) - along.square() < (1.01 * solids.reach[others]).square()
        close &= (along > 0) & solids.present[others] & (others != own[:, None])
        m, place = close.nonzero().T
        blocked = solids.meet(others[m, place], point[m], light.expand(len(m), 3))[0].isfinite()
        shadow = torch.zeros(len(point))
        shadow[m[blocked]] = 1.0
        return shadow
