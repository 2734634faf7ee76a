"""`lazy_exports` offers a package's classes and imports none of them until used."""

import sys

import pytest

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
