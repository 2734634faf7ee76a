"""`PowerLoss`: the writes of a run, an evaluation, a training and a calibration, cut at every point."""

import os
import shutil
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, ClassVar, Final, final

import attrs
import numpy as np

from tests.reliability.child import in_child
from tests.reliability.command import command, judged
from tests.reliability.furniture import furnished
from tests.reliability.recorder import Recorder, Snapshot, recorded
from tests.reliability.study import Study
from tests.reliability.subjects import SUBJECTS, Subject, reference
from tests.reliability.verdict import Verdict

LOSSES: Final = ("whole", "empty", "half", "zeros")
"""What becomes of a content that was not synchronised."""
LOGS: Final = frozenset({"log.txt", "log.jsonl", "record.jsonl"})
"""Files that grow line by line and are of no consequence."""


@final
@attrs.frozen
class Cut:
    """A moment at which the power fails, and what becomes of what was not synchronised."""

    place: int
    snapshot: Snapshot
    loss: str


@final
@attrs.define
class PowerLoss(Study):
    """Each trial lays out the disk as a power loss leaves it, goes on, and compares."""

    name: ClassVar[str] = "power_loss"
    title: ClassVar[str] = "power loss: the recorded writes cut at every point"
    goal: ClassVar[int] = 500
    short: ClassVar[tuple[int, ...]] = (2, 6, 10)
    seconds: ClassVar[float] = 600.0
    cpu_seconds: ClassVar[int] = 240

    home: Path = Path()
    shared: Path = Path()

    @property
    def blobs(self) -> Path:
        """Contents, by their hash."""
        return self.shared / "blobs"

    def prepare(self, home: Path) -> None:
        """Furnish."""
        self.home, self.shared = furnished(home), home
        self.blobs.mkdir()

    def trial(self, number: int, folder: Path) -> Verdict:
        """Cut, go on, compare."""
        subject = SUBJECTS[number % len(SUBJECTS)]
        right = reference(self.shared, subject)
        cuts = self._cuts(subject, folder)
        order = np.random.default_rng(0).permutation(len(cuts))
        cut = cuts[int(order[number // len(SUBJECTS) % len(cuts)])]
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        self._lay_out(cut, folder)
        said = f"{subject.name}, change {cut.place}, contents not synchronised: {cut.loss}"
        torn = _torn(cut, subject)
        if torn:
            return Verdict("fault", f"{said}: {torn} counts as finished, but its content is not on the disk")
        ended = judged(command(*subject.resume, cpu_seconds=600), folder / "nowhere")
        if ended.kind != "done":
            return attrs.evolve(ended, text=f"{said}: {ended.text}")
        wrong = subject.wrong(folder, right.digest)
        return Verdict("fault" if wrong else "done", f"{said}: {wrong} {ended.text if wrong else ''}".strip())

    def _cuts(self, subject: Subject, folder: Path) -> list[Cut]:
        kept = self.shared / f"recorded_{subject.name}.json"
        if not kept.exists():
            self._record(subject, folder, kept)
        furniture = {str(path.relative_to(self.home)) for path in self.home.rglob("*")}
        cuts = []
        for place, snapshot in enumerate(recorded(kept)):
            files = {name: held for name, held in snapshot.files.items() if name not in furniture}
            unsafe = any(not safe for _, safe in files.values())
            made = attrs.evolve(snapshot, files=files)
            cuts += [Cut(place, made, loss) for loss in LOSSES[: None if unsafe else 1]]
        return cuts

    def _record(self, subject: Subject, folder: Path, kept: Path) -> None:
        # here, where it is gone on with: a recipe counts its files by their absolute names
        shutil.copytree(self.home, folder, dirs_exist_ok=True)

        def work() -> int:
            os.chdir(folder)
            recorder = Recorder(folder, self.blobs)
            recorder.start()
            code = int(command(*subject.words, cpu_seconds=600).code)
            recorder.look()
            recorder.keep(kept)
            return code

        ended = in_child(work, self.shared, seconds=900, cpu_seconds=600)
        assert ended.value in (0, 3), ended
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _lay_out(self, cut: Cut, folder: Path) -> None:
        for name in cut.snapshot.folders:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, (digest, safe) in cut.snapshot.files.items():
            content = (self.blobs / digest).read_bytes()
            (folder / name).write_bytes(content if safe else _lost(content, cut.loss))


def _lost(content: bytes, loss: str) -> bytes:
    """What is left of a content that was not synchronised."""
    left: dict[str, Any] = {"empty": b"", "half": content[: len(content) // 2], "zeros": bytes(len(content))}
    return left.get(loss, content)


def _torn(cut: Cut, subject: Subject) -> str:
    """A file of a folder of results whose content may be lost."""
    if cut.loss == "whole":
        return ""
    for name, (_, safe) in cut.snapshot.files.items():
        path = Path(name)
        unfinished = any(part.startswith(".") or ".partial" in part for part in path.parts)
        if not safe and not unfinished and path.name not in LOGS and fnmatch(name, f"{subject.finished}/*"):
            return name
    return ""
