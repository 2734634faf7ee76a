"""`invsolve recipe`: what is right goes to stdout, every problem to stderr with exit code 2, nothing is overwritten."""

import json
import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from invsolve.cli import main
from invsolve.testing.pretend import manifest_of, pretend
from tests.recipes.parts import COMPONENTS, PLAIN

OURS = ("operator", "prior", "kernel", "guidance", "sampler", "reader")


@pytest.fixture
def folder(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, where only the core and the components of the recipe tests are installed."""
    listed = [(c.kind, c.name, c.target) for c in COMPONENTS if c.kind in OURS]
    pretend(shelf, "invsolve-fakes", manifest=manifest_of(*listed))
    monkeypatch.setenv("INVSOLVE_PLUGINS", "invsolve-fakes,invsolve:core")
    monkeypatch.setenv("INVSOLVE_STRICT_PLUGINS", "1")
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    return desk


def write(text: str, name: str = "r.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.usefixtures("folder")
def test_check_says_ok_and_the_hash(capsys: pytest.CaptureFixture[str]) -> None:
    one, many = write(PLAIN), write(PLAIN + "sweep: {seed: [1, 2, 3]}\n", "many.yaml")
    assert main(["recipe", "check", one, many]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    first, second = out.splitlines()
    assert first.startswith("r.yaml: ok, ")
    assert second == "many.yaml: ok, 3 problems"


@pytest.mark.usefixtures("folder")
def test_check_lists_every_problem_of_every_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    good = write(PLAIN, "good.yaml")
    bad = write(PLAIN.replace("steps: 20", "stpes: 20").replace("frames: 4", "frames: x"), "bad.yaml")
    dup = write("recipe: 1\nseed: 1\nseed: 2\n", "dup.yaml")
    assert main(["recipe", "check", bad, good, dup, "gone.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[0].startswith("good.yaml: ok")
    assert err.splitlines() == [
        "2 problems in bad.yaml",
        "bad.yaml:3:34: operator.frames: expected int, got str 'x'.",
        "bad.yaml:5:24: sampler.stpes: Search has no field 'stpes'. Did you mean 'steps'? "
        "Fields: steps, kernel, guidance, spacing.",
        "dup.yaml:3:1: seed: duplicate key; it stands first at dup.yaml:2:1.",
        "gone.yaml: there is no such file. Did you mean 'good.yaml'?",
    ]


@pytest.mark.usefixtures("folder")
def test_check_takes_set_as_often_as_needed(capsys: pytest.CaptureFixture[str]) -> None:
    path = write(PLAIN)
    assert (
        main(["recipe", "check", path, "--set", "sampler.steps=50", "--set", "noise={use: gaussian, std: 1e-2}"]) == 0
    )
    assert main(["recipe", "check", "--set", "sampler.steps=50", path]) == 0
    capsys.readouterr()
    assert main(["recipe", "check", path, "--set=seed=x", "--set", "sampler.stpes=1"]) == 2
    err = capsys.readouterr().err
    assert "--set #1: seed: expected int, got str 'x'." in err
    assert "--set #2: sampler.stpes: Search has no field 'stpes'. Did you mean 'steps'?" in err


@pytest.mark.usefixtures("folder")
def test_check_needs_a_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipe", "check"]) == 2
    assert "name the recipes to check" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_expand_prints_documents_that_load(capsys: pytest.CaptureFixture[str]) -> None:
    path = write(PLAIN + "sweep: {sampler.steps: [1, 2]}\n")
    assert main(["recipe", "expand", path, "--set", "seed=5"]) == 0
    documents = capsys.readouterr().out.split("\n---\n")
    assert [text.splitlines()[0].rpartition("  (")[0] for text in documents] == ["# steps=1", "# steps=2"]
    for text, steps in zip(documents, (1, 2), strict=True):
        data = YAML(typ="safe", pure=True).load(text)
        assert (data["sampler"]["steps"], data["seed"]) == (steps, 5)
        assert main(["recipe", "check", write(text, "part.yaml")]) == 0


@pytest.mark.usefixtures("folder")
def test_expand_writes_a_new_folder_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    path = write(PLAIN + "sweep: {seed: {range: [0, 11]}}\n")
    assert main(["recipe", "expand", path, "--out", "all"]) == 0
    names = sorted(each.name for each in Path("all").iterdir())
    assert names == [f"r-{number:02}.yaml" for number in range(11)]
    assert main(["recipe", "check", *(f"all/{name}" for name in names)]) == 0
    capsys.readouterr()
    assert main(["recipe", "expand", path, "--out", "all"]) == 2
    assert (
        capsys.readouterr().err
        == "all exists already, and nothing is overwritten; name a new folder. `--out` sets it.\n"
    )


@pytest.mark.usefixtures("folder")
def test_schema_is_printed_or_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipe", "schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert main(["recipe", "schema", "--out", "deep/schema.json"]) == 0
    assert json.loads(Path("deep/schema.json").read_text()) == printed
    assert main(["recipe", "schema", "--out", "deep/schema.json"]) == 0


@pytest.mark.usefixtures("folder")
def test_a_place_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    path = write(PLAIN)
    assert main(["recipe", "schema", "--out", f"{path}/schema.json"]) == 2
    assert "schema.json cannot be written" in capsys.readouterr().err
    assert main(["recipe", "expand", path, "--out", f"{path}/all"]) == 2
    assert "all cannot be written" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_diff_shows_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = write(PLAIN, "one.yaml"), write(PLAIN.replace("steps: 20", "steps: 30") + "name: one\n", "two.yaml")
    assert main(["recipe", "diff", one, two]) == 0
    assert capsys.readouterr().out == "~ sampler.steps: 20 -> 30\n"
    assert main(["recipe", "diff", one, one]) == 0
    assert capsys.readouterr().out == "no difference\n"
    many = write(PLAIN + "sweep: {seed: [1, 2]}\n", "many.yaml")
    assert main(["recipe", "diff", one, many]) == 2
    assert "expands to 2" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_broken_plugin_is_mentioned_where_a_name_is_missing(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(shelf, "invsolve-broken", manifest="raise ValueError('out of order')\n")
    monkeypatch.delenv("INVSOLVE_STRICT_PLUGINS")
    monkeypatch.setenv("INVSOLVE_PLUGINS", f"{os.environ['INVSOLVE_PLUGINS']},invsolve-broken")
    assert main(["recipe", "check", write(PLAIN.replace("use: average", "use: deconvolve"))]) == 2
    err = capsys.readouterr().err
    assert "r.yaml:3:17: operator.use: no installed plugin offers an operator called 'deconvolve'." in err
    assert "note: plugin invsolve-broken 1.0 (broken) did not load: ValueError: out of order" in err
    assert "Traceback" not in err
