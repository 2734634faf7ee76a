"""`FullDisks`: work whose disk becomes full anywhere; when there is room again, it is gone on with."""

import os
import shutil
from pathlib import Path
from typing import ClassVar, Final, final

import attrs

from tests.reliability.command import command, judged
from tests.reliability.furniture import furnished
from tests.reliability.small_disk import SmallDisk
from tests.reliability.study import Study
from tests.reliability.subjects import SUBJECTS, reference
from tests.reliability.verdict import Verdict

WORDS: Final = ("No space left", "File too large", "Free some space")


@final
@attrs.define
class FullDisks(Study):
    """Each trial leaves a run, an evaluation, a training or a calibration a random part of the room that it needs."""

    name: ClassVar[str] = "full_disks"
    title: ClassVar[str] = "full disks, then room again and resumed"
    goal: ClassVar[int] = 50
    short: ClassVar[tuple[int, ...]] = (2,)
    seconds: ClassVar[float] = 600.0
    cpu_seconds: ClassVar[int] = 240

    home: Path = Path()
    shared: Path = Path()

    def prepare(self, home: Path) -> None:
        """Furnish."""
        self.home, self.shared = furnished(home), home

    def trial(self, number: int, folder: Path) -> Verdict:
        """Fill the disk, make room, go on, compare."""
        random, right = self.random(number), reference(self.shared, SUBJECTS[number % len(SUBJECTS)])
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        subject = right.subject
        room = int(random.uniform(0.02, 1.0) * right.size)
        # the results alone lie on the small disk
        place = Path("calibration" if subject.words[0] == "calibrate" else "runs")
        disk = SmallDisk.mounted(folder / place, room)
        os.chdir(folder)
        said = f"{subject.name}, {room} of {right.size} bytes on {'a tmpfs' if disk.real else 'limited files'}"
        with disk.limited(room):
            full = judged(command(*subject.words, cpu_seconds=600), folder)
        if full.kind == "fault" or (full.kind != "done" and not any(word in full.text for word in WORDS)):
            return Verdict("fault", f"{said}: {full.text}")
        ended = judged(command(*subject.resume, cpu_seconds=600), folder)
        wrong = subject.wrong(folder, right.digest) if ended.kind == "done" else "not gone on with"
        return Verdict(
            "fault" if wrong else "done", f"{said}: {wrong} {full.text} {ended.text if wrong else ''}".strip()
        )
