"""Autocorrelations of gradients against plain loops, and against what a motion leaves."""

import numpy as np
import torch

from invsolve_photographs.network.autocorrelation import OFFSETS, autocorrelation


def plain(picture: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """Sums over windows of 3 x 3 cells of 8 x 8 pixels, gradients by forward differences, the edge repeated."""
    grey = np.pad(picture.mean(0), ((0, 40), (40, 40)), mode="edge")
    gradient = np.stack([grey[:-1, 1:] - grey[:-1, :-1], grey[1:, :-1] - grey[:-1, :-1]])
    height, width = picture.shape[1:]
    down, right = offset
    centre = gradient[:, :height, 40 : 40 + width]
    other = gradient[:, down : down + height, 40 + right : 40 + right + width]
    product = (centre * other).sum(0)
    cells = product.reshape(height // 8, 8, width // 8, 8).mean((1, 3))
    found = np.zeros_like(cells)
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            found[i, j] = cells[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].mean()
    return found


def test_against_plain_loops() -> None:
    picture = torch.rand(1, 3, 32, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = autocorrelation(picture)[0].numpy()
    values = picture[0].numpy()
    energy = plain(values, (0, 0)) + 2e-5
    assert np.allclose(found[0], 0.3 * np.log(1e3 * energy), atol=1e-9)
    for place, offset in enumerate(OFFSETS):
        assert np.allclose(found[1 + place], 2 * plain(values, offset) / energy, atol=1e-9), offset


def test_offsets_are_half_a_plane() -> None:
    assert all(down >= 0 for down, _ in OFFSETS)
    assert not set(OFFSETS) & {(-down, -right) for down, right in OFFSETS}


def test_a_level_blur_leaves_a_level_ridge() -> None:
    noise = torch.rand(1, 3, 64, 120, generator=torch.Generator().manual_seed(1))
    blurred = torch.stack([noise[..., k : k + 96] for k in range(9)]).mean(0)
    found = dict(zip(OFFSETS, autocorrelation(blurred)[0, 1:].mean((1, 2)) / 2, strict=True))
    # the upright differences of a box of 9 are alike by (9 - d) / 9 of their share of the gradient
    assert found[0, 3] > 0.5
    assert abs(found[3, 0]) < 0.1
    assert found[0, 6] < found[0, 3]
