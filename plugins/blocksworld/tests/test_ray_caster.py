"""Rays, solids and shadows against independent geometry."""

import math

import pytest
import torch

from invsolve_blocksworld.camera import Camera
from invsolve_blocksworld.ray_caster import RayCaster
from invsolve_blocksworld.scene import Shape
from invsolve_blocksworld.solids import Solids


def solids(shape, position=((0.0, 0.0),), radius=(1.0,), angle=0.4):
    heights = {Shape.SPHERE: 1.0, Shape.CUBE: 0.5**0.5, Shape.CYLINDER: 0.9}
    r = torch.tensor(radius)
    half = r * heights[shape]
    n = len(radius)
    return Solids(
        pictures=1,
        centre=torch.cat([torch.tensor(position), half[:, None]], -1),
        angle=torch.full((n,), angle),
        radius=r,
        half_height=half,
        reach=(r**2 + half**2).sqrt(),
        shape=torch.full((n,), int(shape)),
        present=torch.ones(n, dtype=torch.bool),
    )


def inside(part, points):
    """How far a point is outside of the solid, by the distance functions of its primitives, in float64."""
    p = points.double() - part.centre[0].double()
    cos, sin = math.cos(0.4), math.sin(0.4)
    body = torch.stack([cos * p[:, 0] + sin * p[:, 1], -sin * p[:, 0] + cos * p[:, 1], p[:, 2]], -1)
    r, half = float(part.radius[0]), float(part.half_height[0])
    match int(part.shape[0]):
        case Shape.SPHERE:
            return body.norm(dim=-1) - r
        case Shape.CUBE:
            return (body.abs() - r * 0.5**0.5).max(-1).values
        case _:
            return torch.maximum(body[:, :2].norm(dim=-1) - r, body[:, 2].abs() - half)


@pytest.mark.parametrize("shape", list(Shape))
def test_rays_meet_solids_where_marching_finds_their_surface(shape):
    part = solids(shape)
    camera = Camera()
    rays = camera.rays(24, 24)
    eye = camera.axes()[0]
    distance, normal = part.meet(torch.zeros(len(rays), dtype=torch.long), eye.expand(len(rays), 3), rays)
    steps = torch.linspace(4, 14, 4001, dtype=torch.float64)
    points = eye.double() + steps[None, :, None] * rays.double()[:, None]
    field = inside(part, points.reshape(-1, 3)).reshape(len(rays), -1)
    met = (field < 0).any(1)
    # rays that graze an edge may fall between two steps
    assert int((met != distance.isfinite()).sum()) <= 2
    both = met & distance.isfinite()
    first = steps[(field < 0).int().argmax(1)]
    assert int(both.sum()) > 20
    assert float((first[both] - distance[both]).abs().max()) < 0.03
    point = eye + distance[both, None] * rays[both]
    slope = [(inside(part, point + 1e-3 * e) - inside(part, point - 1e-3 * e)) / 2e-3 for e in torch.eye(3)]
    gradient = torch.stack(slope, -1)
    assert float(((gradient * normal[both]).sum(-1) > 0.99).float().mean()) > 0.95


def test_culling_loses_no_hit():
    part = solids(Shape.CUBE, position=((0.0, 0.0), (1.5, 1.0)), radius=(1.0, 0.5))
    caster = RayCaster(height=32, width=32)
    rays = caster.camera.rays(32, 32)
    hits = caster.cast(part, rays)
    eye = caster.camera.axes()[0].expand(len(rays), 3)
    every = torch.stack([part.meet(torch.full((len(rays),), i), eye, rays)[0] for i in range(2)])
    nearest, which = every.min(0)
    assert torch.equal(hits.solid[0], torch.where(nearest.isfinite(), which, -1))
    hit = nearest.isfinite()
    assert torch.equal(hits.distance[0][hit], nearest[hit])


def test_the_shadow_of_a_sphere_is_where_the_light_line_passes_its_centre_closely():
    part = solids(Shape.SPHERE)
    caster = RayCaster(height=40, width=40)
    rays = caster.camera.rays(40, 40)
    shadow = caster.shadows(part, rays)[0]
    eye = caster.camera.axes()[0]
    ground = eye + (-eye[2] / rays[:, 2])[:, None] * rays
    light = torch.nn.functional.normalize(torch.tensor(caster.light), dim=0)
    to_centre = part.centre[0] - ground
    apart = torch.linalg.cross(to_centre, light.expand_as(to_centre)).norm(dim=-1)
    clear = (apart - 1).abs() > 1e-3
    assert torch.equal(shadow[clear] == 1, apart[clear] < 1)
    assert int(shadow.sum()) > 20


def test_every_ray_projects_back_to_the_centre_of_its_pixel():
    camera = Camera()
    rays = camera.rays(6, 8)
    pixels = camera.project(camera.axes()[0] + 5 * rays, 6, 8)
    rows, columns = torch.meshgrid(torch.arange(6) + 0.5, torch.arange(8) + 0.5, indexing="ij")
    torch.testing.assert_close(pixels, torch.stack([columns, rows], -1).reshape(-1, 2), rtol=0, atol=1e-4)


def test_more_samples_come_closer_to_the_area_average():
    part = solids(Shape.SPHERE)
    albedo, metal = torch.tensor([[0.7, 0.1, 0.1]]), torch.tensor([0.0])
    fine = RayCaster(height=16, width=16, samples=12).draw(part, albedo, metal)
    errors = [
        float((RayCaster(height=16, width=16, samples=s).draw(part, albedo, metal) - fine).square().mean())
        for s in (1, 2, 4)
    ]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
