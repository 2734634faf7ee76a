"""`invsolve run`, `show` and `cite`: what they leave and say."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from PIL import Image

from invsolve.cli import main
from invsolve.recipe import load_one
from tests.cli.run_folders import only, only_line, runs, video


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
        "report.html",
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


def test_no_metrics_are_none(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "metrics=[]", "--set", "sampler.steps=1"]) == 0
    assert json.loads((only(here) / "metrics.json").read_text()) == {}
    assert "dB" not in capsys.readouterr().out


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
    main(["run", "recipe.yaml", "--quiet", "--set", "samples=1", "--set", "seed=3", "--threads", "2"])
    facts = json.loads((only(here) / "provenance.json").read_text())
    assert (facts["samples"], facts["seed"], facts["threads"]) == (1, 3, 2)
    assert "on cpu, 2 threads for 132 values in flight" in (only(here) / "log.txt").read_text()
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


@pytest.mark.parametrize("command", ["run", "simulate", "show", "cite"])
def test_help_is_there_and_light(here, process, command):
    check = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules))"
    out, _ = process(command, "--help", before=check).communicate()
    assert f"Usage: invsolve {command}" in out
    assert out.rstrip().endswith("False")
