"""A plugin that cannot be read never stops the host, and its error is kept."""

import pytest

from invsolve.plugin import API, API_FLOOR, BrokenPlugin, Catalog, UnknownComponent, component, discover
from invsolve.testing.pretend import manifest_of, pretend

GOOD = manifest_of(("operator", "flip", "acme_flip:Flip"))


def test_a_plugin_is_found_without_importing_its_components(shelf, catalog_of):
    pretend(shelf, "invsolve-acme", manifest=GOOD, version="2.3")
    catalog = catalog_of("invsolve-acme")
    entry = catalog.find("operator", "flip")  # acme_flip does not even exist
    assert (entry.distribution, entry.version, entry.entry_point) == ("invsolve-acme", "2.3", "acme")
    assert entry.qualified == "invsolve-acme:flip"
    assert catalog.names("operator") == ("flip",)
    assert not catalog.broken
    assert 0 < catalog.plugins[0].seconds < 5


BROKEN = {
    "missing import": (
        "import not_installed_anywhere",
        "ModuleNotFoundError: No module named 'not_installed_anywhere'",
    ),
    "new import": ("from invsolve.plugin import Hologram", "It may be written for a newer invsolve: upgrade one or"),
    "new field": (GOOD.replace("api=", "hologram="), "It may be written for a newer invsolve: upgrade one or"),
    "any exception": ("raise RuntimeError('no licence\\nfound')", "RuntimeError: no licence found"),
    "exception without text": ("raise RuntimeError", "RuntimeError"),
    "sys.exit": ("raise SystemExit(3)", "SystemExit: 3"),
    "syntax": ("def (", "SyntaxError: invalid syntax"),
    "misspelt hook": (GOOD.replace("invsolve_components", "invsolve_component"), "unknown hook 'invsolve_component'"),
    "no hook": ("", "has no hook `invsolve_components`"),
    "unmarked hook": (GOOD.replace("@hookimpl", ""), "has no hook `invsolve_components`"),
    "hook raises": (GOOD.replace("return COMPONENTS", "return COMPONENTS[7]"), "IndexError: tuple index out of range"),
    "not components": (GOOD.replace("return COMPONENTS", "return ['flip']"), "must list `invsolve.plugin.Component`"),
    "twice": (GOOD.replace("return COMPONENTS", "return COMPONENTS * 2"), "lists the operator 'flip' twice"),
    "bad component": (manifest_of(("operator", "Flip", "acme_flip:Flip")), "snake case"),
}


@pytest.mark.parametrize(("manifest", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_kept_apart(shelf, catalog_of, manifest, says):
    pretend(shelf, "invsolve-acme", manifest=GOOD)
    pretend(shelf, "invsolve-broken", manifest=manifest)
    catalog = catalog_of("invsolve-acme", "invsolve-broken")
    (failed,) = catalog.broken
    assert says in failed.error
    assert "\n" not in failed.error
    assert failed.source.distribution == "invsolve-broken"
    assert failed.traceback.startswith("Traceback")
    assert [entry.component.name for entry in catalog.entries] == ["flip"]


def test_a_manifest_that_prints_does_not_spoil_the_output(shelf, catalog_of, capsys):
    pretend(shelf, "invsolve-acme", manifest="print('hello')\n" + GOOD)
    assert catalog_of("invsolve-acme").names("operator") == ("flip",)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")


def test_a_broken_plugin_is_named_where_a_component_is_missing(shelf, catalog_of):
    pretend(shelf, "invsolve-broken", manifest="import not_installed_anywhere")
    with pytest.raises(UnknownComponent) as caught:
        catalog_of("invsolve-broken").find("prior", "hologram")
    assert str(caught.value).startswith(
        "no installed plugin offers a prior called 'hologram'.\n"
        "  installed priors: none\n"
        "  note: plugin invsolve-broken 1.0 (broken) did not load: "
        "ModuleNotFoundError: No module named 'not_installed_anywhere'"
    )


def test_strict_mode_raises(shelf, catalog_of):
    pretend(shelf, "invsolve-broken", manifest="import not_installed_anywhere")
    with pytest.raises(BrokenPlugin, match=r"invsolve-broken 1\.0 \(broken\) did not load: ModuleNotFoundError"):
        catalog_of("invsolve-broken", strict=True)


@pytest.mark.parametrize("value", ["", "0"])
def test_strict_mode_is_off_unless_asked_for(shelf, value):
    pretend(shelf, "invsolve-broken", manifest="1 / 0")
    environ = {"INVSOLVE_PLUGINS": "invsolve-broken", "INVSOLVE_STRICT_PLUGINS": value}
    assert len(Catalog.discover(environ).broken) == 1


def test_a_plugin_from_the_future_asks_for_a_newer_host(shelf, catalog_of):
    pretend(shelf, "invsolve-future", manifest=manifest_of(("operator", "warp", "w:Warp"), api=API + 98))
    (failed,) = catalog_of("invsolve-future").broken
    assert failed.error == (
        f"component 'warp' speaks plugin API {API + 98}; this invsolve speaks {API}. "
        "Upgrade invsolve (pip install --upgrade invsolve), or install an older invsolve-future."
    )


def test_a_plugin_from_the_past_is_to_be_upgraded_itself(shelf, catalog_of):
    pretend(shelf, "invsolve-past", manifest=manifest_of(("operator", "warp", "w:Warp"), api=API_FLOOR - 1))
    (failed,) = catalog_of("invsolve-past").broken
    assert failed.error == (
        f"component 'warp' speaks plugin API {API_FLOOR - 1}; this invsolve speaks {API}. "
        "Upgrade invsolve-past (pip install --upgrade invsolve-past), or install an older invsolve."
    )


@pytest.mark.parametrize(("api", "accepted"), [(2, False), (3, True), (4, True), (5, True), (6, False)])
def test_the_window_of_apis(shelf, catalog_of, monkeypatch, api, accepted):
    for module in (component, discover):
        monkeypatch.setattr(module, "API_FLOOR", 3)
        monkeypatch.setattr(module, "API", 5)
    pretend(shelf, "invsolve-acme", manifest=manifest_of(("operator", "flip", "f:Flip"), api=api))
    catalog = catalog_of("invsolve-acme")
    assert len(catalog.plugins) == accepted
    assert accepted or "this invsolve speaks 3..5" in catalog.broken[0].error


def test_metadata_without_a_name_does_not_stop_the_host(shelf):
    pretend(shelf, "invsolve-acme", manifest=GOOD)
    (shelf / "invsolve_acme-1.0.dist-info" / "METADATA").write_text("")
    catalog = Catalog.discover({})
    assert any(plugin.source.entry_point == "acme" for plugin in catalog.plugins)


def test_the_order_does_not_depend_on_the_order_of_installation(shelf, catalog_of):
    for name in ("invsolve-c", "invsolve-a", "invsolve-b"):
        pretend(shelf, name, manifest=manifest_of(("operator", f"flip_{name[-1]}", "f:Flip")))
    found = catalog_of("invsolve-a", "invsolve-b", "invsolve-c").plugins
    assert [plugin.source.distribution for plugin in found] == ["invsolve-a", "invsolve-b", "invsolve-c"]
