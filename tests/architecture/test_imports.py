"""The core stands alone, and listing plugins costs no torch."""

import os
import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "xarray", "matplotlib", "scipy", "skimage", "av")


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "invsolve",
        "invsolve.errors",
        "invsolve.plugin",
        "invsolve._plugin",
        "invsolve.cli",
        "invsolve_operators._plugin",
        "invsolve_priors._plugin",
        "invsolve_samplers._plugin",
    ],
)
def test_light_modules_stay_light(module):
    loaded = run(f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])").split()
    assert not loaded, f"importing {module} also imports {loaded}"


def test_the_core_works_without_any_plugin():
    code = (
        "import invsolve as iv, torch, sys\n"
        "from invsolve.plugin import Catalog\n"
        "assert Catalog.discover().entries == ()\n"
        "space = iv.VideoSpace(frames=1, height=2, width=2)\n"
        "assert iv.pipeline(iv.Identity(), iv.Scaled(0.5)).output_space(space) == space\n"
        "print(*[m for m in sys.modules if m.startswith('invsolve_')])\n"
    )
    assert run(code, INVSOLVE_PLUGINS="").split() == []


def test_every_public_name_can_be_imported():
    code = "import invsolve as iv\nfor name in dir(iv): getattr(iv, name)\nprint(len(dir(iv)))"
    assert int(run(code)) > 30
