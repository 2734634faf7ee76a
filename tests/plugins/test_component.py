"""A manifest's mistakes are found where the manifest is written."""

import pytest

from invsolve.plugin import API, BrokenPlugin, Component

GOOD = {"kind": "operator", "name": "flip_all", "target": "acme.flip:Flip", "summary": "Mirror."}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("kind", "operater", "Did you mean 'operator'?"),
        ("kind", None, "no such kind"),
        ("name", "FlipAll", "snake case"),
        ("name", "flip-all", "snake case"),
        ("name", "flip__all", "snake case"),
        ("name", "a:b", "snake case"),
        ("name", "", "snake case"),
        ("target", "acme.flip.Flip", "package.module:Class"),
        ("target", "acme.flip:", "package.module:Class"),
        ("target", "acme/flip:Flip", "package.module:Class"),
        ("summary", "", "one line"),
        ("summary", "two\nlines", "one line"),
        ("summary", None, "one line"),
        ("api", "1", "whole number"),
        ("api", True, "whole number"),
    ],
)
def test_a_bad_field_is_named_with_its_value(field, value, says):
    with pytest.raises(BrokenPlugin, match=r"^Component\(") as caught:
        Component(**(GOOD | {field: value}))
    assert says in str(caught.value)


def test_a_component_knows_the_halves_of_its_target():
    component = Component(**GOOD)
    assert (component.module, component.attribute, component.api) == ("acme.flip", "Flip", API)


def test_another_api_is_not_judged_by_our_rules():
    assert Component(**(GOOD | {"kind": "hologram", "api": API + 1})).kind == "hologram"
