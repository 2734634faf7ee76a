"""`invsolve show` on the command line, and the report that every run has."""

import contextlib
import io
import json
import shutil

import pytest

from invsolve.cli import main
from tests.cli.conftest import furnish

from .pages import Page


def told(capsys, *words):
    code = main(list(words))
    return code, capsys.readouterr()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The run of a small photograph."""
    folder = tmp_path_factory.mktemp("done")
    furnish(folder)
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        assert main(["run", "recipe.yaml", "--device", "cpu"]) == 0
    (run,) = (folder / "runs" / "recipe").iterdir()
    return run


def test_every_run_has_a_report_with_its_numbers(done):
    page = Page((done / "report.html").read_text(encoding="utf-8"))
    values = json.loads((done / "metrics.json").read_text())
    for number in (f"{values['psnr_mean']:.2f} dB", f"{values['psnr'][1]:.2f}", f"{values['psnr_observed']:.2f} dB"):
        assert number in page.text
    assert [each["data-name"] for each in page.all("figure", "player")] == [
        *("observed", "truth", "mean", "sample 0", "sample 1", "standard deviation", "error of mean"),
    ]
    assert "outcome DONE" in page.text and "photo.png" in page.text
    assert page.loaded == []


def test_show_writes_the_same_report_from_the_files(done, tmp_path, capsys, monkeypatch):
    copied = shutil.copytree(done, tmp_path / "run")
    monkeypatch.setattr("invsolve.report.page.interactive_installed", lambda: False)
    code, said = told(capsys, "show", str(copied), "--html")
    assert code == 0 and said.out.strip() == str(copied / "report.html")
    mine, first = (Page((folder / "report.html").read_text(encoding="utf-8")) for folder in (copied, done))
    # the log goes on after the first was written
    assert mine.text.partition(" Log ")[0] == first.text.partition(" Log ")[0]
    assert list(mine.pictures) == list(first.pictures)


def test_show_names_the_report(done, capsys):
    code, said = told(capsys, "show", str(done))
    assert code == 0 and str(done / "report.html") in said.out


def test_show_of_nothing_says_what_to_do(capsys):
    code, said = told(capsys, "show")
    assert code == 2 and "invsolve show runs/" in said.err


def test_a_run_without_its_solution_says_so(done, tmp_path, capsys):
    copied = shutil.copytree(done, tmp_path / "run", ignore=lambda *_: ["solution.nc"])
    code, said = told(capsys, "show", str(copied), "--html")
    assert code == 2 and "solution.nc" in said.err


def test_several_runs_stand_in_one_table(done, tmp_path, capsys):
    other = shutil.copytree(done, tmp_path / "other")
    values = json.loads((other / "metrics.json").read_text())
    values["psnr"] = [value + step for value, step in zip(values["psnr"], (1.0, 3.0), strict=True)]
    (other / "metrics.json").write_text(json.dumps(values))
    facts = json.loads((other / "provenance.json").read_text())
    facts["recipe"]["label"] = "steps=9"
    (other / "provenance.json").write_text(json.dumps(facts))
    code, said = told(capsys, "show", str(done), str(other))
    assert code == 0 and "| gain over recipe |" in said.out
    gains = next(line for line in said.out.partition("gain over")[2].splitlines() if "| recipe steps=9" in line)
    assert "+2.00 [+1.00, +3.00]" in gains
    code, said = told(capsys, "compare", str(done), str(other), "--format", "latex", "--out", str(tmp_path / "out"))
    assert code == 0 and said.out.startswith("% data 1: recipe, recipe steps=9")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("compare.csv", "compare.md", "compare.png", "compare.tex"),
    ]
