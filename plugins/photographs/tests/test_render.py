"""Warps against pictures and motions with a formula."""

import torch

from invsolve_photographs.motion.render import render


def test_whole_pixels_shift_the_picture() -> None:
    picture = torch.rand(2, 3, 16, 24, dtype=torch.float64)
    moved = torch.zeros(2, 2, 2, 4, 6, dtype=torch.float64)
    moved[:, 0, 0], moved[:, 1, 1] = 3, -2
    found = render(picture, moved)
    assert torch.allclose(found[:, :, 0, :13], picture[:, :, 3:], atol=1e-12)
    assert torch.allclose(found[..., 1, :, 2:], picture[..., :-2], atol=1e-12)


def test_the_edge_goes_on() -> None:
    picture = torch.rand(1, 3, 8, 8, dtype=torch.float64)
    found = render(picture, torch.full((1, 2, 1, 2, 2), 50.0, dtype=torch.float64))
    assert torch.allclose(found[:, :, 0], picture[..., -1:, -1:].expand_as(picture), atol=1e-12)


def test_a_ramp_moves_by_any_affine_motion() -> None:
    rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(40.0), indexing="ij")
    rows, columns = rows.double(), columns.double()
    ramp = (0.3 + 0.01 * rows - 0.005 * columns)[None, None]
    down, right = 0.05 * (columns - 20), -0.05 * (rows - 16)  # a rotation, which the coarse grid holds exactly
    coarse = torch.nn.functional.avg_pool2d(torch.stack([down, right])[None], 4)[:, :, None]
    found = render(ramp, coarse)[0, 0, 0]
    wanted = 0.3 + 0.01 * (rows + down) - 0.005 * (columns + right)
    inner = (slice(4, -4), slice(4, -4))
    assert torch.allclose(found[inner], wanted[inner], atol=1e-12)


def test_gradients_reach_picture_and_motion() -> None:
    picture = torch.rand(1, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    moved = 0.3 * torch.rand(1, 2, 2, 2, 2, dtype=torch.float64) + 0.2
    assert torch.autograd.gradcheck(render, (picture, moved.requires_grad_()), atol=1e-5)
