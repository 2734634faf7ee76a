"""Signs of lines, and regions with a direction of their own."""

import itertools
import math

import torch

from invsolve_photographs.motion.line import doubled
from invsolve_photographs.motion.regions import Regions
from invsolve_photographs.motion.signs import agreed


def rotation(height: int = 46, width: int = 80) -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1.7, 1.7, width), indexing="ij")
    return 4 * torch.stack([x, -y])


def halves(angle: float, height: int = 40, width: int = 60) -> torch.Tensor:
    """The left half moves to the right by 4 pixels, the right half at `angle` to that."""
    field = torch.zeros(2, height, width)
    field[1, :, : width // 2] = 4
    field[0, :, width // 2 :], field[1, :, width // 2 :] = 4 * math.sin(angle), 4 * math.cos(angle)
    return field


def test_a_rotation_has_one_sign() -> None:
    field = rotation()
    found = agreed(doubled(field[None])[0])
    same = ((found * field).sum(0) > 0).float().mean()
    assert max(same, 1 - same) > 0.995


def test_a_rotation_is_one_region() -> None:
    assert Regions.of(doubled(rotation()[None])[0]).count == 1


def test_what_moves_across_is_a_region_of_its_own() -> None:
    found = Regions.of(doubled(halves(math.pi / 2)[None])[0])
    assert found.count == 2
    assert float(found.sizes().sum()) == found.labels.numel()
    assert abs(float(found.sizes()[0] / found.labels.numel()) - 0.5) < 0.06
    assert float(found.coupling.abs().max()) < 1e-5


def test_directions_are_weighed_by_how_borders_agree() -> None:
    found = Regions.of(doubled(halves(1.0)[None])[0])
    signs, log_weights = found.directions()
    assert torch.allclose(log_weights.exp().sum(), torch.tensor(1.0))
    agree = log_weights[signs[:, 0] == signs[:, 1]].exp().sum()
    # one pair: P(agree) = e^c / (e^c + e^-c), and `towards` holds the agreeing side
    assert math.isclose(float(agree), float(torch.sigmoid(2 * found.coupling[0, 1].abs())), rel_tol=1e-5)
    assert float(agree) > 0.6


def test_every_combination_is_there_with_its_reverse() -> None:
    coupling = torch.tensor([[0.0, 0.5, -0.2], [0.5, 0.0, 0.1], [-0.2, 0.1, 0.0]])
    regions = Regions(torch.zeros(2, 2, dtype=torch.int64), torch.zeros(2, 2, 2), coupling)
    signs, log_weights = regions.directions()
    weight = {tuple(int(s) for s in row): float(w) for row, w in zip(signs, log_weights, strict=True)}
    assert set(weight) == set(itertools.product((-1, 1), repeat=3))
    normal = math.log(sum(math.exp(0.5 * a * b - 0.2 * a * c + 0.1 * b * c) for a, b, c in weight))
    for (a, b, c), found in weight.items():
        assert math.isclose(found, 0.5 * a * b - 0.2 * a * c + 0.1 * b * c - normal, abs_tol=1e-5)


def test_a_still_picture_is_one_region() -> None:
    assert Regions.of(torch.zeros(2, 20, 30)).count == 1
