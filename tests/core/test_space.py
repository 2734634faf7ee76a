import pytest
import torch

import invsolve as iv
from invsolve.errors import SpaceError


def test_shape_is_c_t_h_w():
    assert iv.VideoSpace(frames=2, height=3, width=4, channels=1).shape == (1, 2, 3, 4)
    assert iv.VideoSpace.of(torch.zeros(7, 3, 2, 5, 6)).shape == (3, 2, 5, 6)


@pytest.mark.parametrize(
    ("shape", "axis", "numbers"),
    [
        ((1, 3, 2, 5, 7), "width", "7, expected 6"),
        ((1, 3, 2, 4, 6), "height", "4, expected 5"),
        ((1, 3, 1, 5, 6), "frames", "1, expected 2"),
        ((1, 1, 2, 5, 6), "channels", "1, expected 3"),
    ],
)
def test_a_wrong_axis_is_named_with_both_sizes(shape, axis, numbers):
    space = iv.VideoSpace(frames=2, height=5, width=6)
    with pytest.raises(SpaceError, match=f"the clip .*{axis} is {numbers}"):
        space.check(torch.zeros(shape), "the clip")


def test_a_missing_axis_is_named():
    with pytest.raises(SpaceError, match="five axes b c t h w"):
        iv.VideoSpace(frames=1, height=5, width=6).check(torch.zeros(3, 5, 6), "the photo")


@pytest.mark.parametrize("fields", [{"frames": 0}, {"height": -1}, {"channels": 0}])
def test_empty_spaces_are_refused(fields):
    with pytest.raises(SpaceError, match=next(iter(fields))):
        iv.VideoSpace(**{"frames": 1, "height": 1, "width": 1, **fields})


@pytest.mark.parametrize("transfer", ["sRGB", "gamma", "gamma:x", "log"])
def test_unknown_transfers_are_refused(transfer):
    with pytest.raises(SpaceError, match="transfer must be"):
        iv.VideoSpace(frames=1, height=1, width=1, transfer=transfer)


def test_frame_rate_must_be_positive():
    with pytest.raises(SpaceError, match="frame_rate"):
        iv.VideoSpace(frames=1, height=1, width=1, frame_rate=0.0)
