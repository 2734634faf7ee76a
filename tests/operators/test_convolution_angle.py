"""Degrees where radians are meant are not taken for a blur in some other direction."""

import math

import pytest

from invsolve.errors import ComponentError
from invsolve_operators import Convolution


def test_degrees_are_refused_with_the_radians_they_are():
    with pytest.raises(
        ComponentError, match=r"is in radians, between -6\.28 and 6\.28, got 8; 8 degrees are 0\.1396\."
    ):
        Convolution(kernel="motion", length=9.0, angle=8.0)
    with pytest.raises(ComponentError, match=r"370 degrees are 0\.1745"):
        Convolution(kernel="motion", length=9.0, angle=370.0)
    assert Convolution(kernel="motion", length=9.0, angle=-2 * math.pi).angle == -2 * math.pi


def test_only_a_shake_is_made_up():
    assert Convolution(kernel="camera_shake", seed=4).made_up == "a camera shake drawn at random (seed 4)"
    assert Convolution(kernel="gaussian", std=1.0).made_up == ""
