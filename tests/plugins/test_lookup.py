"""A name finds one component or an error that says what to write instead."""

import pytest

from invsolve.plugin import AmbiguousComponent, BrokenPlugin, UnknownComponent
from invsolve.testing.pretend import manifest_of, pretend

FLIP = """
import attrs, torch
from typing import final
from invsolve.operator import Operator

@final
@attrs.frozen
class Flip(Operator):
    twice: bool = False

    def forward(self, x):
        return x if self.twice else x.flip(-1)
"""


@pytest.fixture
def two(shelf, catalog_of):
    """Two distributions that offer `flip`, and one of them `flop` as well."""
    pretend(
        shelf,
        "invsolve-a",
        manifest=manifest_of(("operator", "flip", "flip_a:Flip"), ("operator", "flop", "flip_a:Missing")),
        modules={"flip_a.py": FLIP},
    )
    pretend(
        shelf,
        "invsolve-b",
        manifest=manifest_of(("operator", "flip", "flip_b.part:Flip"), ("prior", "flat", "no_such_module:Flat")),
        modules={
            "flip_b/__init__.py": "from flip_b.core import Flip",
            "flip_b/core.py": FLIP,
            "flip_b/part.py": "from flip_b.core import Flip",
        },
    )
    return catalog_of("invsolve-a", "invsolve-b")


def test_ambiguity_names_both_and_how_to_choose(two):
    with pytest.raises(AmbiguousComponent) as caught:
        two.find("operator", "flip")
    assert str(caught.value) == (
        "operator 'flip' is offered by invsolve-a and invsolve-b; "
        "write 'invsolve-a:flip' or 'invsolve-b:flip' to choose."
    )


@pytest.mark.parametrize("name", ["invsolve-b:flip", "invsolve_b:flip", "Invsolve.B:flip"])
def test_a_distribution_chooses(two, name):
    assert two.find("operator", name).distribution == "invsolve-b"


def test_names_are_as_short_as_they_can_be(two):
    assert two.names("operator") == ("invsolve-a:flip", "invsolve-b:flip", "flop")


def test_the_name_of_a_class(two):
    a, b = (two.load("operator", f"invsolve-{which}:flip") for which in "ab")
    assert a is not b
    assert two.name_of(a) == "invsolve-a:flip"
    assert two.name_of(b) == "invsolve-b:flip"  # its manifest names a module that only re-exports it
    assert two.entry_of(b).component.kind == "operator"


def test_a_class_nobody_offers_has_no_name(two):
    with pytest.raises(UnknownComponent, match=r"test_lookup:.*not offered by any installed plugin"):
        two.name_of(type("Own", (), {"__module__": "test_lookup"}))


def test_the_same_name_twice_in_one_distribution(shelf, catalog_of):
    pretend(shelf, "invsolve-a", manifest=manifest_of(("operator", "flip", "f:Flip")))
    points = shelf / "invsolve_a-1.0.dist-info" / "entry_points.txt"
    points.write_text(points.read_text() + "again = invsolve_a_manifest\n")
    with pytest.raises(AmbiguousComponent, match="offered twice by invsolve-a, by its entry points a and again"):
        catalog_of("invsolve-a").find("operator", "flip")


UNKNOWN = {
    "typo": ("operator", "flpo", "no installed plugin offers an operator called 'flpo'. Did you mean 'flop'?"),
    "lists": ("operator", "zzz", "installed operators: invsolve-a:flip, invsolve-b:flip, flop"),
    "other kind": ("operator", "flat", "note: 'flat' is a prior"),
    "other distribution": ("operator", "invsolve-c:flop", "'invsolve-a:flop' would be found."),
    "kind": ("operators", "flip", "no kind of component called 'operators'. Did you mean 'operator'?"),
}


@pytest.mark.parametrize(("kind", "name", "says"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown(two, kind, name, says):
    with pytest.raises(UnknownComponent) as caught:
        two.find(kind, name)
    assert says in str(caught.value)


def test_load_gives_the_class(two):
    flip = two.load("operator", "invsolve-a:flip")
    assert repr(flip(twice=True)) == "Flip(twice=True)"


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        (
            "operator",
            "flop",
            "operator 'flop' of invsolve-a 1.0 could not be imported from flip_a:Missing: AttributeError",
        ),
        ("prior", "flat", "could not be imported from no_such_module:Flat: ModuleNotFoundError"),
    ],
)
def test_a_target_that_is_not_there(two, kind, name, says):
    with pytest.raises(BrokenPlugin) as caught:
        two.load(kind, name)
    assert says in str(caught.value)
