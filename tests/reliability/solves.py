"""`Solves`: many solves and evaluations in one process, which must not grow."""

import os
import shutil
import threading
from pathlib import Path
from typing import ClassVar, Final, final

import attrs

from invsolve.recipe import load_one
from invsolve.record.execution import Task
from invsolve.solving.loop import solve
from tests.reliability.command import command
from tests.reliability.furniture import furnished
from tests.reliability.study import Study
from tests.reliability.verdict import Verdict

WARM_UP: Final = 30
BLOCK: Final = 100
EVERY: Final = 25  # how often it is a whole run or an evaluation
GROWTH: Final = 40e3  # bytes a solve: less than its smallest tensor, a thousandth of what one uses


@final
@attrs.define
class Solves(Study):
    """A trial is a block of solves in one process, whose memory, handles and threads are compared before and after."""

    name: ClassVar[str] = "solves"
    title: ClassVar[str] = f"blocks of {BLOCK} solves in one process: memory, handles, threads"
    goal: ClassVar[int] = 20
    short: ClassVar[tuple[int, ...]] = ()
    seconds: ClassVar[float] = 7200.0
    cpu_seconds: ClassVar[int] = 3600

    home: Path = Path()

    def prepare(self, home: Path) -> None:
        """Furnish."""
        self.home = furnished(home)

    def trial(self, number: int, folder: Path) -> Verdict:
        """Solve, count, solve, count; sometimes with all that a run writes, or an evaluation of two clips."""
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        for place in range(WARM_UP):
            _solve(folder, place)
        before = held()
        for place in range(BLOCK):
            _solve(folder, place)
        after = held()
        grown = (after["bytes"] - before["bytes"]) / BLOCK
        text = f"{grown / 1e3:.1f} kB a solve; {before} -> {after}"
        steady = all(before[name] == after[name] for name in ("handles", "threads"))
        return Verdict("done" if steady and grown < GROWTH else "fault", text)


def held() -> dict[str, int]:
    """What this process holds."""
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
    return {
        "bytes": resident,
        "handles": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count() + len(list(Path("/proc/self/task").iterdir())),
    }


def _solve(folder: Path, place: int) -> None:
    if place % EVERY:
        recipe = load_one(folder / "clip.yaml")
        solve(Task.prepare(recipe).problem, recipe.sampler, seed=place, samples=2)
        return
    words = ("run", "clip.yaml") if place % (2 * EVERY) else ("evaluate", "still.yaml", "--folder", "set")
    ended = command(*words, "--set", "time_limit=600", "--quiet", cpu_seconds=600)
    assert ended.code == 0, ended.shown
    shutil.rmtree(folder / "runs")
