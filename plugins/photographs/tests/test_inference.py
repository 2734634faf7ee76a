"""Mirrored and tiled looks at a photograph are looks at the photograph."""

from collections.abc import Callable
from typing import cast

import pytest
import torch
import torch.nn.functional as F

from invsolve_photographs.motion.line import doubled
from invsolve_photographs.motion.path import Path
from invsolve_photographs.network.estimate import Estimate
from invsolve_photographs.network.inference import MIRRORS, estimated, video_of
from invsolve_photographs.network.photograph_network import PhotographNetwork
from invsolve_photographs.network.tiles import STEP, blend_weight, tiles

Look = Callable[[torch.Tensor], Estimate]


def as_network(look: Look) -> PhotographNetwork:
    return cast(PhotographNetwork, look)


def gradient_look(picture: torch.Tensor) -> Estimate:
    """An estimate that turns with the picture: the motion is the gradient of a wide mean, the rest its values."""
    wide = F.avg_pool2d(F.pad(picture.mean(1, keepdim=True), (8,) * 4, mode="replicate"), 17, 1)
    down = F.pad(wide[..., 2:, :] - wide[..., :-2, :], (0, 0, 1, 1)) * 40
    right = F.pad(wide[..., 2:] - wide[..., :-2], (1, 1)) * 40
    motion = F.avg_pool2d(torch.cat([down, right], 1), 4)
    even = torch.stack([motion, 2 * motion, 3 * motion], 2)
    small = F.avg_pool2d(wide, 4)
    path = Path(doubled(motion), torch.cat([small, 2 * small], 1), even)
    return Estimate(picture * 0.5, path, wide, small)


def parts(seen: Estimate) -> list[torch.Tensor]:
    return [seen.sharp, seen.path.line, seen.path.shape, seen.path.even, seen.sharp_spread, seen.end_spread]


def picture(height: int, width: int) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("count", [2, 4, 8])
def test_mirrored_looks_agree(count: int) -> None:
    seen = picture(48, 64)
    once, often = (estimated(as_network(gradient_look), seen, n) for n in (1, count))
    assert len(set(MIRRORS[count])) == count
    for one, other in zip(parts(once), parts(often), strict=True):
        assert torch.allclose(one, other, atol=2e-4)


def test_any_size_comes_back_at_its_size() -> None:
    seen = estimated(as_network(gradient_look), picture(50, 70), 2)
    assert seen.sharp.shape == (1, 3, 50, 70)
    assert seen.path.line.shape == (1, 2, 13, 18)
    frames = video_of(seen.sharp, torch.zeros(1, 2, 2, 13, 18))
    assert torch.allclose(frames, seen.sharp[:, :, None].expand_as(frames), atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(500, 700), (900, 1600), (768, 769), (3000, 1000)])
def test_tiles_cover_and_overlap(height: int, width: int) -> None:
    covered = torch.zeros(height, width)
    for tile in tiles(height, width):
        covered[tile.rows, tile.columns] += blend_weight(
            tile.rows.stop - tile.rows.start, tile.columns.stop - tile.columns.start
        )
        assert tile.rows.start % STEP == tile.columns.start % STEP == 0
        assert tile.rows.stop <= height and tile.columns.stop <= width
    assert (covered > 0).all()


def test_tiles_leave_no_seam() -> None:
    large = picture(800, 900)
    whole = gradient_look(F.pad(large, (0, 12, 0, 0), mode="replicate"))
    tiled = estimated(as_network(gradient_look), large)
    inner = (..., slice(4, -4), slice(4, -8))
    for one, other in zip(parts(whole), parts(tiled), strict=True):
        rows, columns = other.shape[-2:]
        kept = one[..., :rows, :columns]
        # a look of 8 pixels to each side differs at the edges of a tile, where its weight is least
        assert (kept - other)[inner].abs().max() < 0.12 * one.abs().max()
        assert (kept - other)[inner].abs().mean() < 2e-3 * one.abs().max()
