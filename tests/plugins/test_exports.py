"""`lazy_exports` and `lazy_imports` offer a package's names and import none of them until used."""

import sys
from importlib import import_module

import pytest

import invsolve
from invsolve.plugin import Component, lazy_exports

COMPONENTS = (Component("reader", "fraction", "fractions:Fraction", "A stand-in."),)


def test_the_class_is_imported_at_its_first_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "fractions", raising=False)
    getattr_, dir_ = lazy_exports("acme", COMPONENTS, also=["decimal:Decimal"])
    assert "fractions" not in sys.modules
    assert dir_() == ["Decimal", "Fraction"]
    assert getattr_("Fraction").__name__ == "Fraction"
    assert getattr_("Decimal").__name__ == "Decimal"


def test_other_names_are_attribute_errors():
    getattr_, _ = lazy_exports("acme", COMPONENTS)
    with pytest.raises(AttributeError, match="module 'acme' has no attribute 'Fractions'"):
        getattr_("Fractions")


PACKAGES = ("invsolve", *(f"invsolve.{room}" for room in ("baselines", "media", "metrics", "record", "testing")))


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """A package that imports one name for type checkers only."""
    package = tmp_path / "acme_lazy"
    package.mkdir()
    (package / "part.py").write_text("class Part: ...\n")
    (package / "__init__.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from invsolve.lazy import lazy_imports\n"
        "if TYPE_CHECKING:\n    from acme_lazy.part import Part as Part\n"
        "__getattr__, __dir__ = lazy_imports(__name__)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("acme_lazy")
    for name in ("acme_lazy", "acme_lazy.part"):
        sys.modules.pop(name, None)


def test_an_import_for_type_checkers_is_made_at_its_first_use(acme):
    assert dir(acme) == ["Part"]
    assert "acme_lazy.part" not in sys.modules
    assert acme.Part.__module__ == "acme_lazy.part"
    with pytest.raises(AttributeError, match="module 'acme_lazy' has no attribute 'Prat'"):
        acme.Prat  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_each_name_that_a_package_offers_is_there(package):
    home = import_module(package)
    names = dir(home)
    assert names
    for name in names:
        assert getattr(home, name).__name__ == name if name[0].isupper() and not name.isupper() else getattr(home, name)


def test_the_top_of_the_core_offers_its_contracts():
    assert {"Operator", "Prior", "Sampler", "Problem", "solve", "Solution"} <= set(dir(invsolve))
