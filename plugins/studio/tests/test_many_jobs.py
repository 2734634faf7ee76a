"""Hundreds of jobs in one process leave it as it was."""

import os
import threading
from pathlib import Path

import psutil
import pytest

from invsolve.recipe.dumping import dumped
from invsolve_studio.desk import Desk, Job
from invsolve_studio.events import Cancelled, Done, Failed, Moved
from invsolve_studio.limits import Limits
from invsolve_studio.order import Look, Solve
from invsolve_studio.shelf import Shelf
from invsolve_studio.situation import SITUATIONS

JOBS = int(os.environ.get("STUDIO_JOBS", "60"))
GROWN = 10 * 2**20  # bytes, in all


@pytest.mark.slow
def test_many_jobs_leave_memory_files_and_processes_as_they_were(desk: Desk, picture: Path, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", most=2)
    endings: list[type] = []

    def job(number: int) -> None:
        """A file and a preview of it; every fifth is cancelled, every seventh recipe is wrong."""
        visitor = shelf.visitor(str(number % 3))
        *_, taken = desk.events(Job(Look(picture, "holiday.png", visitor.new_file_folder(), Limits())))
        assert isinstance(taken, Done)
        recipe = SITUATIONS["kernel"].draft(taken.result) | ({"samples": -1} if number % 7 == 6 else {})
        order = Solve(
            dumped(recipe), taken.result.path.parent, visitor.forget_runs(), ("sampler.steps=2",), Limits(), True
        )
        preview = Job(order)
        for event in desk.events(preview):
            if number % 5 == 4 and isinstance(event, Moved):
                preview.cancel()
        endings.append(type(event))

    process = psutil.Process()

    def held() -> tuple[int, int, int, int]:
        server = [each for each in process.children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]
        memory = sum(each.memory_info().rss for each in (process, *server))
        return memory, process.num_fds(), len(server), threading.active_count()

    for number in range(10):
        job(number)
    before = held()
    for number in range(JOBS):
        job(number)
    after = held()
    assert {Done, Failed, Cancelled} == set(endings)
    assert after[1:] == before[1:]
    assert after[0] - before[0] < GROWN, f"{(after[0] - before[0]) / 2**20:.1f} MiB more after {JOBS} jobs"
    assert len(list((tmp_path / "kept").iterdir())) == 2
