"""`invsolve.operators`, `.priors`, `.samplers` offer every plugin's classes, lazily; their stubs are up to date."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from invsolve.plugin.namespace import plugin_namespace
from invsolve.testing.pretend import manifest_of, pretend

ROOT = Path(__file__).parents[2]
NAMES = ("operators", "priors", "samplers")


def test_the_stubs_are_what_the_tool_writes():
    spec = importlib.util.spec_from_file_location("namespaces", ROOT / "tools" / "namespaces.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert set(tool.NAMESPACES) == set(NAMES)
    for name, kinds in tool.NAMESPACES.items():
        assert (ROOT / "invsolve" / f"{name}.pyi").read_text() == tool.stub(kinds), "run python tools/namespaces.py"


def test_listing_imports_nothing_and_naming_imports_one():
    code = (
        "import sys, invsolve.operators as o, invsolve.samplers as s, invsolve.priors as p\n"
        "print(len(dir(o) + dir(s) + dir(p)), 'torch' in sys.modules, 'invsolve_operators' in sys.modules)\n"
        "from invsolve.operators import Mask\n"
        "print(Mask.__module__, *[m for m in sys.modules if m == 'invsolve_samplers.dps'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert int(first.split()[0]) > 60
    assert first.split()[1] == "False"
    assert second == "invsolve_operators.mask"


def test_a_third_party_class_is_found_and_two_of_one_name_are_not_guessed(shelf, monkeypatch):
    source = "from invsolve import Identity\nclass Flip(Identity): pass\n"
    manifest = manifest_of(("operator", "flip", "acme_flip:Flip"))
    pretend(shelf, "invsolve-acme", manifest=manifest, modules={"acme_flip.py": source})
    pretend(shelf, "invsolve-other", manifest=manifest.replace("acme_flip", "other_flip"))
    monkeypatch.setenv("INVSOLVE_PLUGINS", "invsolve-acme")
    getattr_, dir_ = plugin_namespace("invsolve.operators", "operator")
    assert dir_() == ["Flip"]
    with pytest.raises(AttributeError, match=r"no attribute 'Flap'\. Did you mean 'Flip'"):
        getattr_("Flap")
    monkeypatch.setenv("INVSOLVE_PLUGINS", "invsolve-acme,invsolve-other")
    getattr_, _ = plugin_namespace("invsolve.operators", "operator")
    with pytest.raises(AttributeError, match="import it from acme_flip and other_flip"):
        getattr_("Flip")
