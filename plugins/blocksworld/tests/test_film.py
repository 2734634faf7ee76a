"""Clips and their ground truth."""

import pytest
import torch
import torch.nn.functional as F

from invsolve.errors import ComponentError
from invsolve_blocksworld.film import Film
from invsolve_blocksworld.ray_caster import RayCaster
from invsolve_blocksworld.world import World


@pytest.fixture(scope="module")
def film():
    return Film(frames=6)


@pytest.fixture(scope="module")
def clips(film):
    return film.shoot("test", 0, 6)


@pytest.fixture(scope="module")
def truth(film):
    return film.truth("test", 0, 6)


def test_a_clip_is_bit_for_bit_the_same_alone(film, clips):
    assert torch.equal(film.shoot("test", 4), clips[4:5])
    assert float(clips.min()) >= 0
    assert float(clips.max()) <= 1


def test_a_finer_clock_shows_the_same_frames_and_those_between():
    coarse = Film(frames=3, frame_rate=10.0).shoot("test", 1)
    fine = Film(frames=9, frame_rate=40.0).shoot("test", 1)
    torch.testing.assert_close(fine[:, :, ::4], coarse, rtol=0, atol=1e-5)
    late = Film(frames=1, start=0.2).shoot("test", 1)
    torch.testing.assert_close(late, coarse[:, :, 2:], rtol=0, atol=1e-5)


def test_the_flow_warps_each_frame_to_the_next(clips, truth):
    h, w = clips.shape[-2:]
    rows, columns = torch.meshgrid(torch.arange(h) + 0.5, torch.arange(w) + 0.5, indexing="ij")
    target = torch.stack([columns, rows]) + truth.flow.flatten(0, 1)
    grid = torch.stack([2 * target[:, 0] / w - 1, 2 * target[:, 1] / h - 1], -1)
    after = clips[:, :, 1:].transpose(1, 2).flatten(0, 1)
    before = clips[:, :, :-1].transpose(1, 2).flatten(0, 1)
    warped = F.grid_sample(after, grid, align_corners=False)
    steady = truth.steady.flatten(0, 1)[:, None].expand_as(before)
    still = (after - before)[steady].square().mean().sqrt()
    error = (warped - before)[steady].square().mean().sqrt()
    assert float(error) < 0.02
    assert float(error) < 0.7 * float(still)
    assert float(truth.steady.float().mean()) > 0.7


def test_masks_agree_with_projected_centres(film, truth):
    seen, checked = 0, 0
    b, t, k, _ = truth.pixel.shape
    depth = (truth.position - torch.tensor(film.caster.camera.eye)).norm(dim=-1)
    for clip in range(b):
        for frame in range(t):
            nearest = min((i for i in range(k) if truth.present[clip, i]), key=lambda i: depth[clip, frame, i])
            x, y = truth.pixel[clip, frame, nearest].floor().long().tolist()
            if 0 <= x < 64 and 0 <= y < 64:
                checked += 1
                seen += int(truth.solid[clip, frame, y, x] == nearest)
    assert checked >= 30
    assert seen == checked


def test_moving_solids_travel_far_enough_to_blur():
    film = Film()
    truth = film.truth("train", 0, 60)
    way = (truth.pixel[:, -1, 0] - truth.pixel[:, 0, 0]).norm(dim=-1)
    assert 3 < float(way.median()) < 15
    assert float((way > 2.5).float().mean()) > 0.85


def test_other_sizes_and_worlds_are_shot_as_well():
    film = Film(world=World(objects=(4, 6), radius=(0.3, 0.5)), caster=RayCaster(height=24, width=40), frames=1)
    video = film.shoot("validation", 3, 2)
    assert video.shape == (2, 3, 1, 24, 40)
    assert bool(torch.isfinite(video).all())


def test_a_film_without_frames_is_refused():
    with pytest.raises(ComponentError, match="frames >= 1"):
        Film(frames=0)
