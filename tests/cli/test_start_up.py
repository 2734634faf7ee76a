"""What is not imported before it is used: at `import invsolve`, at `--help`, and before the first step of a run."""

import json
import os
import subprocess
import sys

import pytest

NEVER_FIRST = (
    *("av", "h5netcdf", "h5py", "imagecodecs", "jinja2", "matplotlib", "OpenEXR", "pandas", "plotly", "rich.progress"),
    *("scipy", "skimage", "sympy", "tifffile", "xarray", "zarr", "accelerate", "transformers", "diffusers"),
)
LIGHT = ("torch", "numpy", "cyclopts", "rich", "jaxtyping", "ruamel", "cattrs", *NEVER_FIRST)

AT_THE_FIRST_STEP = """
import json, os, sys
from invsolve.cli import main
from invsolve.cli.progress import LineProgress

def notify(self, event):
    if type(event).__name__ == "Stepped":
        print(json.dumps([name for name in WATCHED if name in sys.modules]), flush=True)
        os._exit(0)

LineProgress.notify = notify
main(["run", "recipe.yaml", *WORDS])
"""


def modules(code, cwd, watched, words=()):
    """Those of `watched` that are imported when `code` ends."""
    done = subprocess.run(
        [sys.executable, "-c", f"WATCHED, WORDS = {list(watched)!r}, {list(words)!r}\n{code}"],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


MAIN = "from invsolve.cli import main; "


@pytest.mark.parametrize("code", ["import invsolve", f"{MAIN}main(['--help'])", f"{MAIN}main([])"])
def test_importing_and_the_help_import_nothing_heavy(code, tmp_path):
    tell = "import json, sys; print(json.dumps([name for name in WATCHED if name in sys.modules]))"
    assert modules(f"{code}\n{tell}", tmp_path, LIGHT) == []


@pytest.mark.parametrize("guidance", ["exact", "dps"])
def test_the_first_step_is_reached_without_what_writes_results(here, guidance):
    words = ["--device", "cpu", "--set", f"sampler.guidance={{use: {guidance}}}"]
    assert modules(AT_THE_FIRST_STEP, here, NEVER_FIRST, words) == []
