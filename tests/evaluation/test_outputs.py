"""What an evaluation writes is what its recipe asks for; its numbers are the same."""

from pathlib import Path

import attrs
import numpy as np

from invsolve.evaluation.clips import numbered_clips
from invsolve.evaluation.evaluation import Done, Evaluation
from invsolve.evaluation.report import write_report
from invsolve.evaluation.summary import Summary
from invsolve.recipe import load
from tests.evaluation.test_evaluate import RECIPE


def evaluate(evaluation: Evaluation) -> Done:
    (done,) = evaluation.run()
    assert isinstance(done, Done)
    write_report(evaluation, Summary({done.name: done.measures}))
    return done


def files(evaluation: Evaluation) -> set[str]:
    return {path.name for path in evaluation.folder.rglob("*") if path.is_file()}


def test_numbers_alone_and_pictures_later(tmp_path: Path):
    path = tmp_path / "toy.yaml"
    path.write_text(RECIPE.partition("baselines:")[0] + "outputs: []\nbaselines: {}\n", encoding="utf-8")
    (recipe,) = load(path)
    bare = Evaluation(recipe, numbered_clips(recipe, range(1)), tmp_path)
    first = evaluate(bare)
    texts = {
        "clips.csv",
        "details.json",
        "evaluation.json",
        "identity.json",
        "metrics.json",
        "resolved.yaml",
        "table.md",
    }
    assert files(bare) == {*texts, "000000.nc"}
    assert not bare.file("000000").kept().videos
    assert not evaluate(bare).fresh

    whole = attrs.evolve(recipe, outputs=("clip_videos", "error_maps", "contact_sheet"))
    pictures = Evaluation(whole, numbered_clips(whole, range(1)), tmp_path)
    again = evaluate(pictures)
    assert again.remark == "000000 was kept without its videos; it is solved again"
    assert files(pictures) == {*texts, "000000.nc", "000000.png", "contact_sheet.png"}
    for name, values in first.measures[""].items():
        assert name == "seconds" or np.array_equal(values, again.measures[""][name], equal_nan=True), name
    # numbers that are there need no videos
    assert not evaluate(bare).fresh
