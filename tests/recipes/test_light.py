"""Reading, merging, overriding and sweeping recipes imports neither torch nor numpy."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
import invsolve.recipe
import invsolve.cli.recipe
from invsolve.recipe.extend import read_extended
from invsolve.recipe.override import override
from invsolve.recipe.sweep import expand

faults = []
table = override(read_extended(Path(sys.argv[1])), ["sampler.steps=3"], Path(), faults)
assert len(expand(table, faults)) == 2 and not faults
heavy = {"torch", "numpy", "xarray", "matplotlib", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_no_torch_before_a_component_is_built(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("recipe: 1\nsampler: {use: dps}\n")
    path = tmp_path / "r.yaml"
    path.write_text("recipe: 1\nextends: base.yaml\nsweep: {seed: [1, 2]}\n")
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
