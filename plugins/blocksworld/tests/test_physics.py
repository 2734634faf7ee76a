"""Motion of the solids against closed forms and conservation laws."""

import math

import pytest
import torch

from invsolve.errors import ComponentError
from invsolve_blocksworld.physics import move, path_time
from invsolve_blocksworld.scene import Scenes
from invsolve_blocksworld.world import World


def discs(position, velocity, radius, spin=0.0):
    k = len(radius)
    return Scenes(
        present=torch.ones(1, k, dtype=torch.bool),
        shape=torch.zeros(1, k, dtype=torch.long),
        colour=torch.zeros(1, k, dtype=torch.long),
        metal=torch.zeros(1, k, dtype=torch.bool),
        radius=torch.tensor([radius], dtype=torch.float64),
        position=torch.tensor([position], dtype=torch.float64),
        velocity=torch.tensor([velocity], dtype=torch.float64),
        angle=torch.zeros(1, k, dtype=torch.float64),
        spin=torch.full((1, k), spin, dtype=torch.float64),
    )


def test_equal_discs_that_meet_head_on_swap_their_velocities():
    scenes = discs([(-2.0, 0.0), (2.0, 0.0)], [(1.0, 0.0), (-0.5, 0.0)], [0.5, 0.5])
    motion = move(scenes, 0.0, 4.0)
    # they touch after (4 - 1) / 1.5 = 2 s, at x = 0 and x = 1
    position, velocity, _ = motion.at(torch.tensor([2.0, 4.0]))
    torch.testing.assert_close(position[0, 0], torch.tensor([[0.0, 0.0], [1.0, 0.0]], dtype=torch.float64))
    torch.testing.assert_close(velocity[0, 1], torch.tensor([[-0.5, 0.0], [1.0, 0.0]], dtype=torch.float64))
    torch.testing.assert_close(position[0, 1], torch.tensor([[-1.0, 0.0], [3.0, 0.0]], dtype=torch.float64))
    assert motion.collisions.tolist() == [1]


def test_a_heavy_disc_at_a_slant_pushes_along_the_line_of_centres():
    scenes = discs([(0.0, 0.0), (3.0, 0.6)], [(2.0, 0.0), (0.0, 0.0)], [0.8, 0.4])
    motion = move(scenes, 0.0, 3.0)
    _, velocity, _ = motion.at(torch.tensor([3.0]))
    normal = torch.tensor([math.sqrt(1.2**2 - 0.6**2), 0.6], dtype=torch.float64) / 1.2
    heavy, light = 0.8**3, 0.4**3
    closing = 2.0 * normal[0]
    torch.testing.assert_close(velocity[0, 0, 1], 2 * closing * heavy / (heavy + light) * normal)


@pytest.mark.parametrize("drag", [0.0, 0.3])
def test_momentum_is_kept_up_to_the_drag(drag):
    world = World(objects=(6, 6), radius=(0.3, 0.6), moving=1.0, drag=drag)
    scenes = world.scenes("test", 0, 40)
    motion = move(scenes, drag, 3.0)
    _, velocity, _ = motion.at(torch.linspace(0, 3.0, 7))
    momentum = (scenes.mass[:, None, :, None] * velocity).sum(2)
    expected = momentum[:, :1] * torch.exp(-drag * torch.linspace(0, 3.0, 7, dtype=torch.float64))[None, :, None]
    torch.testing.assert_close(momentum, expected, rtol=0, atol=1e-12)
    assert int(motion.collisions.sum()) > 40


def test_energy_is_kept_without_drag():
    scenes = World(objects=(6, 6), radius=(0.3, 0.6), moving=1.0).scenes("test", 0, 20)
    _, velocity, _ = move(scenes, 0.0, 3.0).at(torch.linspace(0, 3.0, 5))
    energy = (scenes.mass[:, None] * velocity.square().sum(-1)).sum(-1)
    torch.testing.assert_close(energy, energy[:, :1].expand_as(energy), rtol=1e-12, atol=0)


def test_solids_never_cut_through_each_other():
    scenes = World(objects=(6, 6), radius=(0.3, 0.6), moving=1.0).scenes("train", 5, 20)
    position, _, _ = move(scenes, 0.15, 3.0).at(torch.linspace(0, 3.0, 200))
    apart = torch.cdist(position, position) - (scenes.radius[:, None, :, None] + scenes.radius[:, None, None, :])
    apart = apart + 10 * torch.eye(6, dtype=torch.float64)
    assert float(apart.min()) > -1e-9


def test_drag_slows_paths_and_turning_down_exponentially():
    scenes = discs([(0.0, 0.0)], [(1.0, 2.0)], [0.5], spin=3.0)
    position, velocity, angle = move(scenes, 0.5, 2.0).at(torch.tensor([2.0]))
    way = (1 - math.exp(-1.0)) / 0.5
    torch.testing.assert_close(position[0, 0, 0], torch.tensor([way, 2 * way], dtype=torch.float64))
    torch.testing.assert_close(velocity[0, 0, 0], torch.tensor([1.0, 2.0], dtype=torch.float64) * math.exp(-1.0))
    assert float(angle) == pytest.approx(3 * way, rel=1e-12)
    assert float(path_time(torch.tensor(2.0), 0.0)) == 2.0


def test_times_outside_of_the_film_are_refused():
    motion = move(discs([(0.0, 0.0)], [(1.0, 0.0)], [0.5]), 0.0, 1.0)
    with pytest.raises(ComponentError, match=r"\[0, 1.0\] s, got 0 to 1.5"):
        motion.at(torch.tensor([0.0, 1.5]))
