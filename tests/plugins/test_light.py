"""Listing plugins imports nothing heavy, whoever asks."""

import json
import subprocess
import sys
import time

import pytest

from invsolve.plugin import BrokenPlugin, Catalog
from invsolve.testing.manifests import HEAVY, check_manifest_is_light, heavy_imports
from invsolve.testing.pretend import manifest_of, pretend

MANIFESTS = ("invsolve._plugin", "invsolve_operators._plugin", "invsolve_priors._plugin", "invsolve_samplers._plugin")


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("module", [*MANIFESTS, "invsolve", "invsolve.plugin", "invsolve.errors", "invsolve.cli"])
def test_what_every_command_imports_is_light(module):
    check_manifest_is_light(module)


def test_discovery_imports_no_component():
    code = (
        "import sys, json; from invsolve.plugin import Catalog; catalog = Catalog.discover(); "
        f"print(json.dumps([len(catalog.entries), [name for name in {HEAVY!r} if name in sys.modules]]))"
    )
    count, heavy = json.loads(python(code))
    assert count > 10
    assert heavy == []


def test_the_list_command_imports_no_torch():
    code = (
        "import sys; from invsolve.cli import main; code = main(['plugins', 'list']); "
        f"print(code, *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert python(code).splitlines()[-1] == "0"


def test_the_list_command_is_many_times_faster_than_importing_torch():
    def seconds(code):
        start = time.perf_counter()
        python(code)
        return time.perf_counter() - start

    listing = min(seconds("from invsolve.cli import main; main(['plugins', 'list'])") for _ in range(3))
    torch = min(seconds("import torch") for _ in range(3))
    assert listing < torch / 3, f"plugins list: {listing:.2f} s, import torch: {torch:.2f} s"


def test_a_heavy_manifest_is_told_so(shelf):
    manifest = "import numpy\n" + manifest_of(("operator", "flip", "f:Flip"))
    module = pretend(shelf, "invsolve-heavy", manifest=manifest)
    assert "numpy" in heavy_imports(module)
    with pytest.raises(AssertionError, match=r"importing invsolve_heavy_manifest also imports numpy.*lazy_exports"):
        check_manifest_is_light(module)


def test_a_manifest_that_cannot_be_imported_is_told_so(shelf):
    module = pretend(shelf, "invsolve-broken", manifest="1 / 0")
    with pytest.raises(BrokenPlugin, match="invsolve_broken_manifest cannot be imported: ZeroDivisionError"):
        check_manifest_is_light(module)


def test_the_core_starts_with_no_plugin():
    code = (
        "import os; os.environ['INVSOLVE_PLUGINS'] = ''; import invsolve; from invsolve.plugin import Catalog; "
        "print(len(Catalog.discover().entries)); from invsolve.cli import main; print(main(['plugins', 'list']))"
    )
    first, *_, last = python(code).splitlines()
    assert (first, last) == ("0", "0")


def test_every_bundled_component_keeps_the_contract():
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": "invsolve", "INVSOLVE_STRICT_PLUGINS": "1"})
    for entry in catalog.entries:
        cls = catalog.load_entry(entry)
        if entry.component.kind != "command":
            assert catalog.name_of(cls) == entry.component.name
