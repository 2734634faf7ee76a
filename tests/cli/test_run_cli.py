import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from PIL import Image

from invsolve.cli import main
from invsolve.recipe import load_one


def runs(folder, name="recipe"):
    return sorted(path for path in (folder / "runs" / name).glob("*"))


def only(folder, name="recipe"):
    (path,) = runs(folder, name)
    return path


def only_line(text):
    (line,) = text.strip().splitlines()
    return line


def video(path):
    with xr.open_dataset(path / "solution.nc", engine="h5netcdf") as dataset:
        return dataset["video"].values


def test_a_run_leaves_everything(done):
    folder, run, printed = done
    assert run.name.endswith(f"-{load_one(folder / 'recipe.yaml').hash8}")
    assert {path.name for path in run.iterdir()} == {
        "recipe.yaml",
        "resolved.yaml",
        "provenance.json",
        "solution.nc",
        "observation.nc",
        "frames",
        "comparison.png",
        "metrics.json",
        "references.bib",
        "log.txt",
    }
    assert (run / "recipe.yaml").read_text() == (folder / "recipe.yaml").read_text()
    assert "PSNR [dB]" in printed
    assert str(run.relative_to(folder)) in printed


def test_quiet_still_says_what_is_wrong(here, capsys):
    assert main(["run", "recipe.yaml", "--quiet", "--set", "sampler.guidance=none"]) == 0
    printed = capsys.readouterr()
    assert "miss the observation" in printed.err
    assert only_line(printed.out).startswith("runs")


def test_the_solution_is_labelled(done):
    with xr.open_dataset(done[1] / "solution.nc", engine="h5netcdf") as dataset:
        assert dataset["video"].dims == ("sample", "observation", "frame", "channel", "y", "x")
        assert dataset["video"].shape == (2, 1, 1, 1, 11, 12)
        assert dataset["mean"].dims == ("observation", "frame", "channel", "y", "x")
        assert dataset.attrs["seed"] == 0
        assert len(dataset.attrs["input_sha256"]) == 64


def test_frames_show_the_samples(done):
    run = done[1]
    for number in range(2):
        shown = np.asarray(Image.open(run / "frames" / f"sample-{number}" / "0000.png"))
        np.testing.assert_array_equal(shown, np.round(video(run)[number, 0, 0, 0].clip(0, 1).astype(float) * 255))
    with Image.open(run / "comparison.png") as comparison:
        assert min(comparison.size) > 200


def test_metrics(done):
    folder, run, _ = done
    values = json.loads((run / "metrics.json").read_text())
    assert len(values["psnr"]) == 2
    truth = np.asarray(Image.open(folder / "photo.png")) / 255
    error = ((video(run)[0, 0, 0, 0].clip(0, 1) - truth) ** 2).mean()
    assert values["psnr"][0] == pytest.approx(-10 * np.log10(error), abs=1e-4)
    assert values["psnr_gain"][0] == pytest.approx(values["psnr"][0] - values["psnr_observed"])
    assert 0.3 < values["reblur_chi_square"][0] < 1.5


def test_provenance(done):
    folder, run, _ = done
    facts = json.loads((run / "provenance.json").read_text())
    assert facts["outcome"] == "DONE"
    assert facts["device"] == "cpu"
    assert facts["seed"] == 0
    assert facts["libraries"]["torch"] == torch.__version__
    assert "invsolve" in facts["distributions"]
    assert facts["recipe"]["hash8"] == load_one(folder / "recipe.yaml").hash8
    assert facts["files"].keys() == {"input.from.path", "prior.mean", "prior.covariance"}
    assert facts["files"]["input.from.path"] == facts["input"]["sha256"]
    assert facts["session_seconds"] > 0
    assert facts["peak_memory_bytes"] > 2**20


def test_show(done, capsys):
    folder, run, _ = done
    for place in (run, folder / "runs" / "recipe", folder / "runs"):
        assert main(["show", str(place)]) == 0
        out = capsys.readouterr().out
        for word in ("DONE", "finished", "PSNR [dB]", "comparison.png", "solution.nc", "sample-0"):
            assert word in out


def test_show_what_is_no_run(tmp_path, capsys):
    assert main(["show", str(tmp_path / "nowhere")]) == 2
    assert "not the folder of a run" in capsys.readouterr().err
    assert main(["show", str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err
    (tmp_path / "provenance.json").write_text("{")
    assert main(["show", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_cite(done, capsys):
    folder, run, _ = done
    assert main(["cite", str(folder / "recipe.yaml")]) == 0
    out = capsys.readouterr().out
    keys = [line for line in out.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys))
    assert "ho2020denoising" in out
    assert (run / "references.bib").read_text() == out
    main(["cite", str(folder / "recipe.yaml"), "--set", "metrics=[ssim]"])
    assert "wang2004image" in capsys.readouterr().out
    assert main(["cite"]) == 2


def test_a_run_runs_again_and_gives_the_same(done, capsys, tmp_path):
    first = done[1]
    assert main(["run", str(first), "--quiet", "--out", str(tmp_path)]) == 0
    (second,) = (tmp_path / "recipe").iterdir()
    assert second.name.split("-")[1] == first.name.split("-")[1]
    np.testing.assert_array_equal(video(first), video(second))
    assert capsys.readouterr().out.split() == [str(second)]


def test_overrides_count(here):
    main(["run", "recipe.yaml", "--quiet", "--set", "samples=1", "--set", "seed=3"])
    facts = json.loads((only(here) / "provenance.json").read_text())
    assert (facts["samples"], facts["seed"]) == (1, 3)
    assert not (only(here) / "frames" / "mean").exists()


def test_a_sweep_is_several_runs(here, capsys):
    with Path("recipe.yaml").open("a") as stream:
        stream.write("sweep: {seed: [0, 1]}\n")
    assert main(["run", "recipe.yaml"]) == 0
    assert len(runs(here)) == 2
    out = capsys.readouterr().out
    assert "[1/2] recipe seed=0" in out
    assert main(["run", "recipe.yaml", "--resume"]) == 0
    assert capsys.readouterr().out.count("finished already") == 2
    assert len(runs(here)) == 2


def test_a_clip_has_a_video(here):
    picture = np.asarray(Image.open("photo.png"))
    Path("clip").mkdir()
    for number in range(2):
        Image.fromarray(np.roll(picture, number)[:6, :7]).save(f"clip/{number}.png")
    np.savez("law.npz", mean=np.full((1, 2, 6, 7), 0.5), covariance=0.05 * np.eye(84))
    words = ["--set", "input.from={read: frames, path: clip, frame_rate: 30.0}", "--set", "operator.std=0.5"]
    assert main(["run", "recipe.yaml", "--quiet", *words]) == 0
    run = only(here)
    assert (run / "video.mp4").stat().st_size > 500
    assert len(list((run / "frames" / "sample-0").iterdir())) == 2
    with xr.open_dataset(run / "solution.nc", engine="h5netcdf") as dataset:
        np.testing.assert_allclose(dataset["time"], [0, 1 / 30])


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
    assert "cannot be written: Not a directory" in capsys.readouterr().err
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


@pytest.mark.parametrize("command", ["run", "simulate", "show", "cite"])
def test_help_is_there_and_light(here, process, command):
    check = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules))"
    out, _ = process(command, "--help", before=check).communicate()
    assert f"Usage: invsolve {command}" in out
    assert out.rstrip().endswith("False")
