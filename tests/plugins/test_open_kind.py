"""A kind of component that a plugin opens is like the core's own."""

import copy
import json
import pickle

import pytest

from invsolve.cli import main
from invsolve.plugin import KINDS, BrokenPlugin, Component, OpenKind
from invsolve.plugin.catalog import plural, singular
from invsolve.testing.pretend import pretend

LENS = OpenKind("lens", "lenses", "acme_lens:Lens")
MANIFEST = """
from invsolve.plugin import Component, OpenKind, hookimpl

LENS = OpenKind("lens", "lenses", {base!r})

@hookimpl
def invsolve_components():
    return (Component(LENS, {name!r}, "acme_lens:{cls}", "Made for a test."),)
"""
MODULE = """
import abc
from typing import ClassVar, final
import attrs
from invsolve.parts import Part
from invsolve.plugin import OpenKind

class Lens(Part):
    component_kind: ClassVar[OpenKind] = OpenKind("lens", "lenses", "acme_lens:Lens")

    @abc.abstractmethod
    def focus(self) -> float: ...

@final
@attrs.frozen
class Zoom(Lens):
    length: float = 50.0

    def focus(self) -> float:
        return self.length

@final
@attrs.frozen
class Mirror:
    length: float = 50.0
"""


def offer(shelf, distribution, name="zoom", cls="Zoom", base="acme_lens:Lens"):
    manifest = MANIFEST.format(name=name, cls=cls, base=base)
    pretend(shelf, distribution, manifest=manifest, modules={"acme_lens.py": MODULE})


@pytest.mark.parametrize(
    ("name", "base", "says"),
    [
        ("Lens", "a:B", "snake case"),
        ("prior", "a:B", "the core has a kind of this name"),
        ("lens", "a.B", "package.module:Class"),
    ],
)
def test_a_kind_that_will_not_do_is_refused(name, base, says):
    with pytest.raises(BrokenPlugin, match=r"^OpenKind\(.*" + says):
        OpenKind(name, "lenses", base)


def test_it_is_its_name_and_knows_its_words():
    component = Component(LENS, "zoom", "acme_lens:Zoom", "Zoom.")
    assert component.kind == "lens"
    assert (singular(LENS), plural(LENS)) == ("a lens", "lenses")
    assert json.dumps([LENS]) == '["lens"]'
    for again in (copy.deepcopy(LENS), pickle.loads(pickle.dumps(LENS))):
        assert (again, again.plural, again.base) == ("lens", "lenses", "acme_lens:Lens")


def test_the_catalogue_knows_it(shelf, catalog_of, capsys):
    offer(shelf, "invsolve-acme")
    catalog = catalog_of("invsolve-acme")
    assert catalog.kinds == (*KINDS, "lens")
    assert catalog.load("lens", "zoom").__name__ == "Zoom"
    assert main(["plugins", "list", "--json"]) == 0
    assert '"kind": "lens"' in capsys.readouterr().out


def test_its_base_is_asked_for(shelf, catalog_of):
    offer(shelf, "invsolve-acme", "mirror", "Mirror")
    with pytest.raises(BrokenPlugin, match=r"Mirror must derive from acme_lens.Lens"):
        catalog_of("invsolve-acme").load("lens", "mirror")


def test_two_plugins_that_mean_different_things_by_it_are_told_apart(shelf, catalog_of):
    offer(shelf, "invsolve-acme")
    offer(shelf, "invsolve-bolt", base="bolt:Lens")
    catalog = catalog_of("invsolve-acme", "invsolve-bolt")
    (failed,) = catalog.broken
    assert failed.source.distribution == "invsolve-bolt"
    assert "has one of that name with the base acme_lens:Lens; give one of them another name." in failed.error
