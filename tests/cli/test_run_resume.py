"""Runs that were stopped, and go on."""

import json
import signal

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from invsolve.cli import main
from tests.cli.run_folders import only, runs, video


def test_a_time_limit_can_be_resumed(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "time_limit=1e-6"]) == 1
    assert "--resume" in capsys.readouterr().err
    assert only(here).suffix == ".partial"
    assert main(["run", "recipe.yaml", "--resume"]) == 0
    assert "resuming recipe" in capsys.readouterr().out
    resumed = only(here)
    assert resumed.suffix == ""
    facts = json.loads((resumed / "provenance.json").read_text())
    assert (facts["sessions"], facts["outcome"]) == (2, "DONE")


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_step_and_resumed_gives_the_same_bits(here, process, until, seed):
    words = ["recipe.yaml", "--quiet", "--set", "sampler.steps=8", "--set", "chunk=1"]
    last = int(np.random.default_rng(seed).integers(2, 15))
    running = process("run", *words, "--checkpoint-seconds", "0")

    def reached():
        logs = list(here.glob("runs/recipe/*/log.txt"))
        return bool(logs) and f"step {last}/" in logs[0].read_text()

    until(reached, running)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    killed = only(here)
    assert killed.suffix == ".partial"
    assert (killed / "state.safetensors").exists()
    assert main(["run", *words, "--resume"]) == 0
    assert main(["run", *words]) == 0
    resumed, whole = runs(here)
    assert f"{resumed.name}.partial" == killed.name
    assert "session 2" in (resumed / "log.txt").read_text()
    assert not (resumed / "state.safetensors").exists()
    np.testing.assert_array_equal(video(resumed), video(whole))
    with (
        xr.open_dataset(resumed / "solution.nc", engine="h5netcdf") as one,
        xr.open_dataset(whole / "solution.nc", engine="h5netcdf") as other,
    ):
        np.testing.assert_array_equal(one["trace_misfit"], other["trace_misfit"])


def test_ctrl_c_says_how_to_go_on(here, process, until):
    running = process("run", "recipe.yaml", "--set", "sampler.steps=400")
    until(lambda: any("step 20/" in log.read_text() for log in here.glob("runs/recipe/*/log.txt")), running)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate()
    assert running.returncode == 130
    assert "go on with: invsolve run recipe.yaml --set sampler.steps=400 --resume" in err
    assert "Traceback" not in err
    run = only(here)
    assert run.suffix == ".partial"
    assert json.loads((run / "provenance.json").read_text())["outcome"] == "INTERRUPTED"


def test_two_processes_do_not_resume_the_same_run(here, process, until, capsys):
    words = ["recipe.yaml", "--set", "sampler.steps=400"]
    running = process("run", *words)
    until(lambda: any("step 20/" in log.read_text() for log in here.glob("runs/recipe/*/log.txt")), running)
    assert main(["run", *words, "--resume"]) == 2
    assert "another process is at work" in capsys.readouterr().err


def test_a_checkpoint_of_another_observation_is_refused(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "time_limit=1e-6"]) == 1
    picture = np.asarray(Image.open("photo.png"))
    Image.fromarray(255 - picture).save("photo.png")
    assert main(["run", "recipe.yaml", "--resume"]) == 2
    assert "belongs to another run" in capsys.readouterr().err


def test_what_was_taken_away_meanwhile_is_written_again_and_leftovers_go(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "time_limit=1e-6", "--checkpoint-seconds", "0"]) == 1
    folder = only(here)
    written = (folder / "resolved.yaml").read_text()
    (folder / "resolved.yaml").unlink()
    (folder / "references.bib").unlink()
    (folder / f".solution.{2**22 + 1}.partial.nc").write_text("half")  # of a process that was killed
    assert main(["run", "recipe.yaml", "--resume"]) == 0
    folder = only(here)
    assert (folder / "resolved.yaml").read_text().split("time_limit")[0] == written.split("time_limit")[0]
    assert (folder / "references.bib").is_file()
    assert not [path.name for path in folder.iterdir() if ".partial" in path.name]


def test_a_damaged_state_is_refused_and_begins_anew_without_it(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "time_limit=1e-6", "--checkpoint-seconds", "0"]) == 1
    state = only(here) / "state.safetensors"
    content = bytearray(state.read_bytes())
    content[-1] ^= 1
    state.write_bytes(content)
    capsys.readouterr()
    assert main(["run", "recipe.yaml", "--resume"]) == 2
    assert "state.safetensors is damaged: its content does not have the hash" in capsys.readouterr().err
    state.unlink()
    assert main(["run", "recipe.yaml", "--resume"]) == 0
    resumed = video(only(here))
    assert main(["run", "recipe.yaml", "--out", "straight"]) == 0
    assert np.array_equal(resumed, video(next((here / "straight" / "recipe").iterdir())))
