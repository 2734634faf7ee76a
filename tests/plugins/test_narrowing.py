"""`INVSOLVE_PLUGINS` chooses by distribution or by entry point; empty is none."""

import pytest

from invsolve.plugin import Catalog, PluginWarning, UnknownComponent
from invsolve.testing.pretend import manifest_of, pretend


def sources(catalog):
    return {(plugin.source.distribution, plugin.source.entry_point) for plugin in catalog.plugins}


@pytest.fixture
def acme(shelf):
    pretend(shelf, "Invsolve_Acme", entry_point="lenses", manifest=manifest_of(("operator", "flip", "f:Flip")))


def test_unset_is_everything(acme):
    found = sources(Catalog.discover({}))
    assert {("Invsolve_Acme", "lenses"), ("invsolve", "core"), ("invsolve", "operators")} <= found


def test_empty_is_nothing(acme):
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": ""})
    assert catalog.entries == ()
    assert len(catalog.left_out) >= 5


@pytest.mark.parametrize("name", ["Invsolve_Acme", "invsolve-acme", "INVSOLVE.acme", "lenses", "invsolve-acme:lenses"])
def test_the_ways_to_name_one(acme, name):
    assert sources(Catalog.discover({"INVSOLVE_PLUGINS": f" {name} "})) == {("Invsolve_Acme", "lenses")}


def test_several(acme):
    found = sources(Catalog.discover({"INVSOLVE_PLUGINS": "lenses,invsolve:operators,"}))
    assert found == {("Invsolve_Acme", "lenses"), ("invsolve", "operators")}


def test_a_distribution_is_all_its_entry_points(acme):
    found = sources(Catalog.discover({"INVSOLVE_PLUGINS": "invsolve"}))
    assert found == {("invsolve", name) for name in ("core", "operators", "priors", "samplers")}


def test_an_unknown_name_is_a_warning(acme):
    with pytest.warns(PluginWarning, match="names 'lenzes', but no such plugin is installed. Did you mean 'lenses'"):
        catalog = Catalog.discover({"INVSOLVE_PLUGINS": "lenzes,core"})
    assert sources(catalog) == {("invsolve", "core")}


def test_a_plugin_kept_out_is_not_imported(shelf):
    pretend(shelf, "invsolve-broken", manifest="1 / 0")
    assert Catalog.discover({"INVSOLVE_PLUGINS": "core", "INVSOLVE_STRICT_PLUGINS": "1"}).broken == ()


def test_a_missing_component_mentions_what_is_kept_out(acme):
    with pytest.raises(UnknownComponent, match=r"INVSOLVE_PLUGINS keeps out Invsolve_Acme 1\.0"):
        Catalog.discover({"INVSOLVE_PLUGINS": "core"}).find("operator", "flip")
