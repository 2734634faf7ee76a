"""Looking up between pixels, against scipy, and its adjoint, against autograd."""

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates

from invsolve.motion.bilinear import bilinear_sources, look_up, splat


@pytest.mark.parametrize(("border", "mode"), [("zero", "constant"), ("replicate", "nearest")])
def test_look_up_is_linear_interpolation(border, mode):
    numbers = np.random.default_rng(0)
    picture, flow = numbers.random((6, 7)), 3 * numbers.standard_normal((2, 6, 7))
    where = np.indices((6, 7)) + flow
    if border == "zero":  # scipy's constant mode cuts off between the last pixel and the border; pad what lies outside
        expected = map_coordinates(np.pad(picture, 12), where + 12, order=1)
    else:
        expected = map_coordinates(picture, where, order=1, mode=mode)
    found = look_up(torch.from_numpy(picture), bilinear_sources(torch.from_numpy(flow), border))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-13)


def test_splat_is_the_adjoint():
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(2, 3, 5, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    y = torch.rand(2, 3, 5, 4, dtype=torch.float64, generator=generator)
    sources = bilinear_sources(2 * torch.randn(2, 1, 2, 5, 4, dtype=torch.float64, generator=generator))
    (expected,) = torch.autograd.grad(look_up(x, sources), x, y)
    torch.testing.assert_close(splat(y, sources), expected, rtol=1e-13, atol=1e-13)
