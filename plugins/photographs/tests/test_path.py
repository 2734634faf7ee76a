"""Paths: what is odd in time turns with the direction, what is even stays."""

import pytest
import torch

from invsolve_photographs.motion.line import doubled
from invsolve_photographs.motion.path import EXPOSURE, NODES, Path, basis, exposure_times

TIMES = torch.linspace(-2.5, 2.5, 41, dtype=torch.float64)


def path(shape: float = 0.0, even: float = 0.0) -> Path:
    rng = torch.Generator().manual_seed(1)
    drawn = [torch.randn(2, 2, *size, dtype=torch.float64, generator=rng) for size in ((3, 4), (3, 4), (3, 3, 4))]
    return Path(doubled(4 * drawn[0]), shape * drawn[1], even * drawn[2])


def test_basis_is_one_at_its_own_node_alone() -> None:
    odd, even = basis(torch.tensor((*NODES, 0.0), dtype=torch.float64))
    wanted = torch.eye(4, 3, dtype=torch.float64)
    assert torch.allclose(odd, wanted, atol=1e-12)
    assert torch.allclose(even, wanted, atol=1e-12)


def test_parity() -> None:
    odd, even = basis(TIMES)
    assert torch.allclose(odd, -odd.flip(0), atol=1e-12)
    assert torch.allclose(even, even.flip(0), atol=1e-12)


def test_uniform_motion_goes_on_for_ever() -> None:
    end = torch.randn(2, 2, 3, 4, dtype=torch.float64)
    found = path().along(TIMES, end)
    assert torch.allclose(found, end[:, :, None] * TIMES[None, None, :, None, None], atol=1e-12)


def test_the_reverse_direction_is_the_reverse_in_time() -> None:
    bent = path(0.1, 1.0)
    towards = torch.randn(2, 2, 3, 4, dtype=torch.float64)
    there, back = bent.displacements(TIMES, towards), bent.displacements(TIMES, -towards)
    assert torch.allclose(there, back.flip(2), atol=1e-12)


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_even_polynomials_are_exact_within_the_exposure(degree: int) -> None:
    inside = torch.linspace(-1, 1, 21, dtype=torch.float64)
    even = torch.tensor([node**degree for node in NODES], dtype=torch.float64)
    found = basis(inside)[1] @ even
    assert torch.allclose(found, inside**degree, atol=1e-12)


def test_beyond_the_last_frame_the_mean_speed_is_kept() -> None:
    odd, even = basis(torch.tensor([1.0, 1.5, 2.0], dtype=torch.float64))
    values = torch.tensor([0.2, 0.5, 1.3], dtype=torch.float64)
    speed = (values[2] - values[1]) / (NODES[2] - NODES[1])
    for part in (odd, even):
        assert torch.allclose((part @ values).diff(), speed * 0.5 * torch.ones(2, dtype=torch.float64), atol=1e-12)


def test_seven_frames_stand_at_the_nodes() -> None:
    assert torch.allclose(exposure_times(7), torch.linspace(-1, 1, 7), atol=1e-6)
    assert exposure_times(1).item() == 0
    # the first of two halves ends where the second begins
    assert exposure_times(2)[1].item() == pytest.approx(EXPOSURE / 2)
