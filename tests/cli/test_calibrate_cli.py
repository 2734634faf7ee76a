"""`invsolve calibrate`: what it leaves, says and returns."""

import json

import pytest

from invsolve.cli import main

EXACT = ("--set", "sampler.kernel=exact", "--set", "sampler.steps=2")
STUDY = ("calibrate", "recipe.yaml", "--draws", "24", "--samples", "15")


def study(folder, out="calibration"):
    (path,) = (folder / out / "recipe").iterdir()
    return path


def test_a_study_leaves_its_ranks_figure_and_report(here, capsys):
    assert main([*STUDY, *EXACT]) == 0
    printed = capsys.readouterr().out
    path = study(here)
    assert {file.name for file in path.iterdir()} == {
        "calibration.json",
        "log.txt",
        "provenance.json",
        "ranks.json",
        "ranks.png",
        "resolved.yaml",
    }
    found = json.loads((path / "calibration.json").read_text())
    assert found["calibrated"] is True
    assert sum(found["quantities"]["log-likelihood"]["counts"]) == 24
    assert "24 simulated truths, from the prior's closed form, each among 15 samples" in printed
    assert "calibrated, as far as 24 draws can tell" in printed
    assert main(["show", "calibration"]) == 0
    shown = capsys.readouterr().out
    assert "drawn from the prior" in shown
    assert found["verdict"] in shown


def test_samples_that_ignore_the_observation_are_not_calibrated(here, capsys):
    assert main([*STUDY, *EXACT, "--set", "sampler.guidance=none", "--size", "1x11x12x1", "--quiet"]) == 3
    assert capsys.readouterr().out.strip() == str(study(here).relative_to(here))


def test_an_interrupted_study_goes_on_where_it_stopped(here, capsys, monkeypatch):
    monkeypatch.setattr("invsolve.calibration.calibrate.MOST_DRAWS", 10)
    assert main([*STUDY, *EXACT, "--out", "whole"]) == 0

    def stop(_progress, done, draws):
        if done == 10:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("invsolve.cli.progress.LineProgress.tell", stop)
        assert main([*STUDY, *EXACT]) == 130
    assert "--resume" in capsys.readouterr().err
    assert study(here).suffix == ".partial"
    assert len(json.loads((study(here) / "ranks.json").read_text())["ranks"]) == 10
    assert main([*STUDY, *EXACT, "--resume"]) == 0
    assert (study(here) / "ranks.json").read_text() == (study(here, "whole") / "ranks.json").read_text()


def test_damaged_ranks_are_not_built_upon(here, capsys, monkeypatch):
    assert main([*STUDY, *EXACT]) == 0
    path = study(here)
    partial = path.rename(path.with_suffix(".partial"))
    for broken in ("{", '{"quantities": ["a"], "ranks": []}'):
        (partial / "ranks.json").write_text(broken)
        assert main([*STUDY, *EXACT, "--resume"]) == 2
        assert "remove its folder to start again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draws", "10"), "10 draws are too few for 4 bins with 5 each"),
        (("--samples", "22"), "take 15, 19, 31 or 63"),
        (("--size", "8x8"), "FRAMESxHEIGHTxWIDTHxCHANNELS"),
        (("--size", "1x5x5x1"), "1, 1, 11, 12"),
        (("--set", "prior={use: spectral_gaussian}", "--set", "operator={use: quantise}"), "needs a linear operator"),
    ],
)
def test_mistakes_are_said_and_leave_nothing(here, capsys, words, said):
    assert main(["calibrate", "recipe.yaml", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "calibration").exists()
