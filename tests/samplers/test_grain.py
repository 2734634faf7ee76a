"""The noise of interpolated frames hangs together over pixels and colours, with unit variance at every value."""

import math

import pytest
import torch
from torch import Tensor

from invsolve.testing import InjectedRandomness
from invsolve_samplers.interpolation.grain import Grain

C, H, W = 3, 9, 21


def covariance(grain: Grain) -> Tensor:
    """Of all values of a frame, exactly: the linear map of white noise, read off from unit vectors."""
    size = C * H * W

    unit = InjectedRandomness({(0, 0): torch.eye(size, dtype=torch.float64)})
    rows = grain.draw(torch.empty(size, C, H, W, dtype=torch.float64), unit).flatten(1)
    return (rows.T @ rows).reshape(C, H, W, C, H, W)


@pytest.mark.parametrize("grain", [Grain(), Grain(1.5, 0.9), Grain(0.0, 1.0), Grain(40.0, 0.0)], ids=str)
def test_every_value_has_unit_variance(grain):
    own = covariance(grain).reshape(C * H * W, C * H * W).diagonal()
    torch.testing.assert_close(own, torch.ones_like(own), rtol=1e-12, atol=0)


def test_correlations_are_those_it_says():
    found = covariance(Grain(1.5, 0.9))
    for down, right in ((0, 1), (1, 0), (1, 2), (0, 4)):
        expected = math.exp(-(down**2 + right**2) / (2 * 1.5**2))
        assert float(found[0, 4, 10, 0, 4 + down, 10 + right]) == pytest.approx(expected, abs=2e-3)  # the bell is cut
        assert float(found[0, 4, 10, 2, 4 + down, 10 + right]) == pytest.approx(0.9 * expected, abs=2e-3)


def test_none_is_white():
    torch.testing.assert_close(
        covariance(Grain()).reshape(C * H * W, C * H * W), torch.eye(C * H * W, dtype=torch.float64)
    )
