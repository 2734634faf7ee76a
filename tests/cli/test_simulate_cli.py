"""`invsolve simulate`."""

import json
from pathlib import Path

import numpy as np

from invsolve.cli import main
from tests.cli.run_folders import only, video


def test_simulate_and_solve_what_it_wrote(here, capsys):
    assert main(["simulate", "recipe.yaml", "--out", "seen"]) == 0
    assert {path.name for path in Path("seen").iterdir()} == {
        "observation.nc",
        "observation.npz",
        "observation.png",
        "truth.png",
    }
    assert "outside: keep" in capsys.readouterr().out
    assert main(["run", "recipe.yaml", "--quiet"]) == 0
    direct = only(here)
    words = ["--set", "input={read: netcdf, path: seen/observation.nc, outside: keep}", "--set", "name=again"]
    assert main(["run", "recipe.yaml", "--quiet", *words]) == 0
    np.testing.assert_array_equal(video(direct), video(only(here, "again")))
    first, second = (json.loads((path / "metrics.json").read_text()) for path in (direct, only(here, "again")))
    assert first == second


def test_simulate_takes_any_input_as_sharp_and_overwrites_nothing(here, capsys):
    words = ["recipe.yaml", "--set", "input={read: image, path: photo.png}", "--set", "samples=1"]
    assert main(["simulate", *words]) == 0
    (folder,) = Path("simulated").iterdir()
    before = (folder / "observation.nc").read_bytes()
    assert main(["simulate", *words]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (folder / "observation.nc").read_bytes() == before
