from typing import Literal

import attrs
import numpy as np
import pytest

from invsolve.errors import ComponentError
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.validators import instance, literal, number, whole


@attrs.frozen
class Part:
    share: object = attrs.field(default=0.5, validator=number(least=0.0, below=1.0))
    steps: object = attrs.field(default=1, validator=whole(least=1))
    mode: object = attrs.field(default="a", validator=literal(Literal["a", "b"]))
    spacing: object = attrs.field(default="linear", validator=literal(Literal["linear", "quadratic"]))
    version: object = attrs.field(default=1, validator=literal(Literal[1, 2]))
    schedule: object = attrs.field(factory=DiscreteSchedule, validator=instance(Schedule))


@pytest.mark.parametrize(
    "fields", [{"share": 0.0}, {"share": 0}, {"steps": 7}, {"mode": "b"}, {"spacing": "quadratic"}, {"version": 2}]
)
def test_good_values_pass(fields):
    assert Part(**fields)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"share": 1.0}, "Part.share must be a finite number >= 0 and < 1, got 1.0"),
        ({"share": -0.1}, "got -0.1"),
        ({"share": float("nan")}, "got nan"),
        ({"share": True}, "got True"),
        ({"share": "0.5"}, "got '0.5'"),
        ({"steps": 0}, "Part.steps must be a whole number >= 1, got 0"),
        ({"steps": 2.5}, "got 2.5"),
        ({"steps": True}, "got True"),
        ({"mode": "c"}, "Part.mode must be one of a, b, got 'c'"),
        ({"spacing": "linaer"}, "Part.spacing must be one of linear, quadratic, got 'linaer'. Did you mean 'linear'?"),
        ({"spacing": ("linear",)}, "got a tuple"),
        ({"spacing": np.array(["linear"])}, "got a ndarray|got an ndarray"),
        ({"version": 3}, "Part.version must be one of 1, 2, got 3"),
        ({"version": 1.0}, "got 1.0"),
        ({"version": True}, "got True"),
        ({"schedule": "discrete"}, "Part.schedule must be a Schedule, got 'discrete'. Names belong in recipes"),
        ({"schedule": DiscreteSchedule}, r"got the class DiscreteSchedule. Make one: DiscreteSchedule\(...\)"),
    ],
)
def test_bad_values_are_named_with_their_field_and_component(fields, says):
    with pytest.raises(ComponentError, match=says):
        Part(**fields)
