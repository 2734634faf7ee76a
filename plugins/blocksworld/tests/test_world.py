"""Scenes: seeds, splits, ranges."""

import pytest
import torch

from invsolve.errors import ComponentError
from invsolve_blocksworld.scene import Shape
from invsolve_blocksworld.world import WORLDS, World


def test_a_scene_is_the_same_alone_and_in_any_batch():
    together = World().scenes("train", 10, 4)
    alone = World().scenes("train", 12, 1)
    assert torch.equal(together.position[2:3], alone.position)
    assert torch.equal(together.colour[2:3], alone.colour)


def test_splits_and_numbers_give_different_scenes():
    world = World()
    positions = [world.scenes(split, i, 1).position[0, 0] for split in ("train", "validation", "test") for i in (0, 1)]
    assert len({tuple(p.tolist()) for p in positions}) == 6


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_scenes_keep_the_ranges_of_their_world(name):
    world = WORLDS[name]
    scenes = world.scenes("test", 0, 60)
    count = scenes.present.sum(1)
    assert count.min() == world.objects[0]
    assert count.max() == world.objects[1]
    widen = torch.where(scenes.shape == Shape.CUBE, 1.2, 1.0)
    assert float((scenes.radius / widen).min()) >= world.radius[0]
    assert float((scenes.radius / widen).max()) <= world.radius[1]
    speed = scenes.velocity.norm(dim=-1)
    assert bool((speed[:, 0] >= world.speed[0] - 1e-9).all())
    assert float(speed.max()) <= world.speed[1] + 1e-9
    assert bool((speed[~scenes.present] == 0).all())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"objects": (3, 1)}, r"objects .* ascending numbers, got \(3, 1\)"),
        ({"radius": (0.0, 1.0)}, "radius"),
        ({"moving": 1.5}, r"moving in \[0, 1\]"),
    ],
)
def test_impossible_worlds_are_refused(fields, message):
    with pytest.raises(ComponentError, match=message):
        World(**fields)


def test_unknown_splits_and_negative_numbers_are_refused():
    with pytest.raises(ComponentError, match="split must be one of train, validation, test, got 'dev'"):
        World().scenes("dev", 0, 1)
    with pytest.raises(ComponentError, match="got index -1"):
        World().scenes("test", -1, 1)
