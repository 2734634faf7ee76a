"""`Kills`: work that is killed or interrupted anywhere, once or twice, and then gone on with."""

import os
import shutil
from pathlib import Path
from typing import Any, ClassVar, final

import attrs

from tests.reliability.child import Ended, in_child
from tests.reliability.command import command, judged
from tests.reliability.furniture import furnished
from tests.reliability.study import Study
from tests.reliability.subjects import SUBJECTS, reference
from tests.reliability.verdict import Verdict


@final
@attrs.define
class Kills(Study):
    """Each trial kills a run, an evaluation, a training or a calibration; every fourth is interrupted by Ctrl-C."""

    name: ClassVar[str] = "kills"
    title: ClassVar[str] = "killed or interrupted, then resumed: runs, evaluations, trainings, calibrations"
    goal: ClassVar[int] = 200
    short: ClassVar[tuple[int, ...]] = (2, 6, 10)
    seconds: ClassVar[float] = 600.0
    cpu_seconds: ClassVar[int] = 240

    home: Path = Path()
    shared: Path = Path()

    def prepare(self, home: Path) -> None:
        """Furnish."""
        self.home, self.shared = furnished(home), home

    def trial(self, number: int, folder: Path) -> Verdict:
        """Stop the work once or twice, go on with it, and compare."""
        random, right = self.random(number), reference(self.shared, SUBJECTS[number % len(SUBJECTS)])
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        subject, words, said = right.subject, right.subject.words, []
        for _ in range(1 + (random.random() < 0.3)):
            after = float(random.uniform(0.0, 1.1 * right.cpu_seconds))
            gentle = random.random() < 0.25
            stopped = _stopped(words, folder, after, gentle)
            said.append(f"{'Ctrl-C' if gentle else 'kill'} after {after:.2f} s of {right.cpu_seconds:.2f} s")
            if stopped.hung or (stopped.value is not None and stopped.value["kind"] == "fault"):
                return Verdict("fault", f"{subject.name}, {said}: {stopped}")
            words = subject.resume
        ended = judged(command(*words, cpu_seconds=600), folder)
        wrong = subject.wrong(folder, right.digest) if ended.kind == "done" else "not gone on with"
        return Verdict("fault" if wrong else "done", f"{subject.name}, {said}: {wrong} {ended.text}".strip())


def _stopped(words: tuple[str, ...], folder: Path, after: float, gentle: bool) -> Ended:
    def work() -> dict[str, Any]:
        os.chdir(folder)
        ended = command(*words, cpu_seconds=max(1e-3, after) if gentle else 600)
        # rubbish is looked for at the end, when an earlier kill may have left some
        return attrs.asdict(judged(ended, folder / "nowhere"))

    scratch = folder.parent / "stopped"
    scratch.mkdir(exist_ok=True)
    return in_child(work, scratch, seconds=300, cpu_seconds=120, killed_after=None if gentle else after)
