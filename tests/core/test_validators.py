import attrs
import pytest

from invsolve.errors import ComponentError
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.validators import instance, number, one_of, whole


@attrs.frozen
class Part:
    share: object = attrs.field(default=0.5, validator=number(least=0.0, below=1.0))
    steps: object = attrs.field(default=1, validator=whole(least=1))
    mode: object = attrs.field(default="a", validator=one_of(("a", "b")))
    schedule: object = attrs.field(factory=DiscreteSchedule, validator=instance(Schedule))


@pytest.mark.parametrize("fields", [{"share": 0.0}, {"share": 0}, {"steps": 7}, {"mode": "b"}])
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
        ({"schedule": "discrete"}, "Part.schedule must be a Schedule, got 'discrete'. Names belong in recipes"),
        ({"schedule": DiscreteSchedule}, r"got the class DiscreteSchedule. Make one: DiscreteSchedule\(...\)"),
    ],
)
def test_bad_values_are_named_with_their_field_and_component(fields, says):
    with pytest.raises(ComponentError, match=says):
        Part(**fields)
