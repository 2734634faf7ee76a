"""What `invsolve run` refuses, and how it breaks."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from invsolve.cli import main
from tests.cli.run_folders import only, only_line, runs


def mistakes(here):
    (here / "text.png").write_text("not a picture")
    (here / "half.png").write_bytes((here / "photo.png").read_bytes()[:100])
    np.savez(here / "nan.npz", a=np.full((11, 12), np.nan))
    return {
        "no recipe": ([], "name a recipe to run"),
        "missing recipe": (["recepe.yaml"], "Did you mean 'recipe.yaml'"),
        "wrong name": (["recipe.yaml", "--set", "sampler.use=difusion"], "Did you mean 'diffusion'"),
        "wrong field": (["recipe.yaml", "--set", "sampler.stpes=3"], "Did you mean 'steps'"),
        "missing input": (["recipe.yaml", "--set", "input.from.path=foto.png"], "Did you mean 'photo.png'"),
        "no picture": (["recipe.yaml", "--set", "input.from.path=text.png"], "not a picture"),
        "half a picture": (["recipe.yaml", "--set", "input.from.path=half.png"], "damaged or cut short"),
        "folder": (["recipe.yaml", "--set", "input.from.path=."], "is a folder"),
        "NaN": (["recipe.yaml", "--set", "input={read: npz, path: nan.npz, axes: h w}"], "132 NaN"),
        "other size": (["recipe.yaml", "--set", "input.from.size=10x10"], "10"),
        "frames": (["recipe.yaml", "--set", "input.frames=4"], "has 1 frame, but frame 3 was asked for"),
        "device": (["recipe.yaml", "--device", "cuda:99"], "no device 'cuda:99'"),
        "unknown device": (["recipe.yaml", "--device", "gpu"], "Did you mean 'cuda'"),
        "unknown option": (["recipe.yaml", "--resme"], "--resme"),
        "checkpoints": (["recipe.yaml", "--checkpoint-seconds", "-1"], "checkpoint-seconds"),
    }


MISTAKES = (
    *("no recipe", "missing recipe", "wrong name", "wrong field", "missing input", "no picture", "half a picture"),
    *("folder", "NaN", "other size", "frames", "device", "unknown device", "unknown option", "checkpoints"),
)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_code_2_one_message_and_no_run(here, capsys, mistake):
    words, message = mistakes(here)[mistake]
    assert main(["run", *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert not (here / "runs").exists()


def test_what_only_the_first_step_finds_leaves_no_run_either(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "sampler.steps=5000"]) == 2
    assert only_line(capsys.readouterr().err).startswith("steps must lie in 1..1000")
    assert runs(here) == []


def test_mistakes_are_all_listed(here):
    assert set(mistakes(here)) == set(MISTAKES)


def test_a_place_that_cannot_be_written(here, capsys):
    Path("file").touch()
    assert main(["run", "recipe.yaml", "--out", "file"]) == 2
    said = only_line(capsys.readouterr().err)
    assert said.endswith("cannot be written: Not a directory. Choose another place. `--out` sets it.")
    assert main(["run", "recipe.yaml", "--out", "/proc/runs"]) == 2
    assert "/proc/runs" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_of_somebody_else(here, capsys):
    Path("locked").mkdir(mode=0o500)
    assert main(["run", "recipe.yaml", "--out", "locked"]) == 2
    assert "Permission denied" in only_line(capsys.readouterr().err)


@pytest.mark.parametrize("size", [100, 20_000])
def test_a_full_disk_is_code_1_and_nothing_looks_finished(process, here, size):
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    running = process("run", "recipe.yaml", "--quiet", before=limit)
    _, err = running.communicate()
    assert running.returncode == 1, err
    assert "File too large" in err
    assert "`--out` sets it." in err
    assert "Traceback" not in err
    assert only(here).suffix == ".partial"


def test_a_run_that_breaks_is_code_1_and_marked(here, capsys):
    # a step length without bound makes DPS diverge
    words = ["--set", "sampler={use: dps, steps: 4, scale: 1e300}"]
    assert main(["run", "recipe.yaml", *words]) == 1
    err = capsys.readouterr().err
    assert "NaN or infinite" in err
    assert "Traceback" not in err
    run = only(here)
    assert run.suffix == ".failed"
    assert str(run.name) in err
    assert json.loads((run / "provenance.json").read_text())["outcome"] == "NONFINITE"
    assert not (run / "solution.nc").exists()
