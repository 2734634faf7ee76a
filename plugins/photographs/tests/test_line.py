"""Lines are displacements up to their sign."""

import torch

from invsolve_photographs.motion.line import doubled, halved, oriented


def displacements() -> torch.Tensor:
    return 5 * torch.randn(3, 2, 6, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_both_directions_have_one_line() -> None:
    assert torch.equal(doubled(displacements()), doubled(-displacements()))


def test_a_line_gives_its_displacement_back() -> None:
    given = displacements()
    found = halved(doubled(given))
    signs = (found * given).sum(1, keepdim=True).sign()
    # to the 0.001 pixels by which lengths are kept away from 0
    assert (found * signs - given).abs().max() < 2.1e-3
    assert (found[:, 1] >= 0).all()


def test_a_line_lies_at_twice_the_angle() -> None:
    down_right = torch.tensor([1.0, 1.0], dtype=torch.float64)[None, :, None, None] * 2**0.5
    assert torch.allclose(doubled(down_right).flatten(), torch.tensor([0.0, 2.0], dtype=torch.float64), atol=2e-3)


def test_orientation_follows_the_side() -> None:
    given = displacements()
    towards = given + 0.01 * torch.randn_like(given)
    assert torch.allclose(oriented(doubled(given), towards), given, atol=2.1e-3)


def test_a_still_point_has_finite_gradients() -> None:
    line = torch.zeros(1, 2, 1, 1, requires_grad=True)
    halved(line).sum().backward()
    assert line.grad is not None
    assert torch.isfinite(line.grad).all()
