"""`invsolve recipe check` of training recipes."""

from pathlib import Path

import pytest

from invsolve.cli import main

SHIPPED = sorted((Path(__file__).parents[2] / "plugins/blocksworld/training").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_training_recipes_are_right(path, capsys):
    assert main(["recipe", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{path}: ok, trains ")
    assert out.endswith(" steps\n")


def test_what_is_wrong_is_named_with_its_place(tmp_path, capsys):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "recipe: 1\n"
        "data: {reader: {read: blocksworld, indx: null}, validation: {read: blocksworld}}\n"
        "autoencoder: {network: smal}\n"
        "course: {steps: 0}\n"
    )
    assert main(["recipe", "check", str(path)]) == 2
    err = capsys.readouterr().err
    assert "wrong.yaml:2:36: data.reader.indx" in err
    assert "wrong.yaml:3:14: autoencoder: there is no autoencoder called 'smal'. Did you mean 'small'?" in err
    assert "wrong.yaml:4:17: course.steps" in err


def test_values_are_set_and_problems_are_checked_beside_them(tmp_path, capsys):
    problem = Path(__file__).parents[2] / "recipes/vdm_md.yaml"
    assert main(["recipe", "check", str(problem), str(SHIPPED[0])]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["recipe", "check", str(SHIPPED[0]), "--set", "course.steps=7"]) == 0
    assert capsys.readouterr().out.endswith("trains 7 steps\n")
    assert main(["recipe", "check", str(SHIPPED[0]), "--set", "course.steps=x"]) == 2
    assert "course.steps" in capsys.readouterr().err
    assert main(["recipe", "check", str(tmp_path / "nowhere.yaml")]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err
