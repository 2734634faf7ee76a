"""Clips shared by several processes: the same numbers, and what happens to those of a process that is killed."""

from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest

from invsolve.cli import main
from invsolve.evaluation.clips import numbered_clips
from invsolve.evaluation.evaluation import Done, Evaluation, Failed
from invsolve.evaluation.workers import Died, run_in_workers
from invsolve.recipe import load
from tests.evaluation.test_evaluate import RECIPE


def evaluation(folder: Path, clips: int, name: str) -> Evaluation:
    path = folder / "toy.yaml"
    path.write_text(RECIPE.partition("baselines:")[0] + "outputs: []\nbaselines: {}\n", encoding="utf-8")
    (recipe,) = load(path)
    return Evaluation(recipe, numbered_clips(recipe, range(clips)), folder / name, threads=1)


def test_two_workers_give_the_numbers_of_one_process(tmp_path: Path):
    alone = {event.name: event for event in evaluation(tmp_path, 3, "a").run() if isinstance(event, Done)}
    shared = list(run_in_workers(evaluation(tmp_path, 3, "b"), 2))
    assert sorted(event.name for event in shared if isinstance(event, Done)) == sorted(alone)
    for event in shared:
        assert isinstance(event, Done)
        own, other = event.measures[""], alone[event.name].measures[""]
        assert list(own) == list(other)
        for name in set(own) - {"seconds"}:
            assert np.array_equal(own[name], other[name], equal_nan=True), name


def test_clips_are_solved_together_or_by_workers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", str(tmp_path / "toy.yaml"), "--clips", "0..4", "--workers", "2", "--batch", "3"]) == 2
    assert "--workers 2 solves clips one by one, --batch 3 together: choose one of them." in capsys.readouterr().err


@pytest.mark.slow
def test_clips_of_workers_that_were_killed_are_named(tmp_path: Path):
    work = evaluation(tmp_path, 200, "a")
    events = run_in_workers(work, 1)
    first = next(events)
    assert isinstance(first, Done)
    (worker,) = active_children()
    worker.kill()
    rest = list(events)
    (died,) = (event for event in rest if isinstance(event, Died))
    assert "worker 1 ended before its time (killed by SIGKILL)" in died.message
    assert isinstance(rest[-1], Failed)
    assert "000199" in rest[-1].names
    assert first.name not in rest[-1].names
    assert "no other is left" in rest[-1].message
