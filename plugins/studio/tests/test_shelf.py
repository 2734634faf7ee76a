"""Folders of visitors come and go."""

import os
import time
from pathlib import Path

from invsolve_studio.desk import Job
from invsolve_studio.limits import Limits
from invsolve_studio.order import Look
from invsolve_studio.shelf import Shelf, sweep


def test_those_who_were_away_longest_make_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=2)
    first, second = shelf.visitor("first"), shelf.visitor("second")
    (first.new_file_folder() / "a.png").touch()
    assert shelf.visitor("first") is first
    third = shelf.visitor("third")
    assert not second.folder.exists()
    assert third.folder.exists()
    assert (first.folder / "file" / "a.png").exists()
    assert shelf.visitor("second") is not second


def test_forgetting_cancels_and_deletes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=2)
    visitor = shelf.visitor("one")
    visitor.job = Job(Look(tmp_path, "x", tmp_path, Limits()))
    shelf.forget("one")
    shelf.forget("one")
    assert visitor.job.stopped.is_set()
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_takes_the_place_of_the_old_one_and_of_its_runs(tmp_path: Path) -> None:
    visitor = Shelf(tmp_path, most=1).visitor("one")
    (visitor.new_file_folder() / "a.png").touch()
    (visitor.forget_runs() / "run").mkdir()
    assert list(visitor.new_file_folder().iterdir()) == []
    assert list((visitor.folder / "runs").iterdir()) == []


def test_old_files_and_those_beyond_so_many_bytes_are_swept(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old", "ancient")):
        path = tmp_path / name / "file.png"
        path.parent.mkdir()
        path.write_bytes(bytes(100))
        moment = time.time() - age * 100
        os.utime(path, (moment, moment))
    sweep(tmp_path, seconds=250, most_bytes=200)
    assert sorted(path.parent.name for path in tmp_path.rglob("*.png")) == ["middle", "new"]
