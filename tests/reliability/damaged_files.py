"""`DamagedFiles`: files of every reader, weights, and files of run folders, damaged in any way."""

import os
import shutil
from pathlib import Path
from typing import ClassVar, Final, final

import attrs
import numpy as np
import torch

from invsolve.errors import InvsolveError
from invsolve.media.recording import Recording
from invsolve.plugin import Catalog
from tests.reliability.child import in_child
from tests.reliability.command import command, judged
from tests.reliability.damage import damaged
from tests.reliability.furniture import furnished
from tests.reliability.samples import Sample, samples
from tests.reliability.study import Study
from tests.reliability.subjects import SUBJECTS, Subject, reference
from tests.reliability.verdict import Verdict

READ: Final = 0.9  # of the trials; going on in a folder takes a hundred times as long as reading
BEGUN: Final = {
    "run": ("--set", "time_limit=1e-6"),
    "evaluation": ("--count", "1"),
    "training": ("--stop-after", "2"),
}


@final
@attrs.define
class DamagedFiles(Study):
    """One damaged file a trial: read, or met while a run, an evaluation or a training is gone on with."""

    name: ClassVar[str] = "damaged_files"
    title: ClassVar[str] = "damaged files: every reader, weights, run folders"
    goal: ClassVar[int] = 5_000
    short: ClassVar[tuple[int, ...]] = tuple(range(22))

    home: Path = Path()
    catalog: Catalog = attrs.field(factory=Catalog)
    files: tuple[Sample, ...] = ()
    whole: tuple[Recording, ...] = ()

    def prepare(self, home: Path) -> None:
        """Write the files, and read them undamaged."""
        furnished(home)
        self.home, self.catalog = home, Catalog.discover()
        (home / "samples").mkdir()
        self.files = samples(home / "samples", self.catalog)
        self.whole = tuple(sample.read(self.catalog) for sample in self.files)

    def trial(self, number: int, folder: Path) -> Verdict:
        """Damage one file and meet it."""
        random = self.random(number)
        return self._read(random, folder) if random.random() < READ else self._go_on(random, folder)

    def _read(self, random: np.random.Generator, folder: Path) -> Verdict:
        chosen = int(random.integers(len(self.files)))
        shutil.copytree(self.home / "samples", folder / "samples")
        sample = self.files[chosen].moved(self.home, folder)
        before = sample.damages.read_bytes()
        content, said = damaged(before, random)
        sample.damages.write_bytes(content)
        said = f"{sample.name}, {said}"
        try:
            found = sample.read(self.catalog)
        except InvsolveError as error:
            return Verdict("refused", f"{said}: {str(error)[:200]}")
        whole = self.whole[chosen]
        if _same(whole, found):
            return Verdict("done", said)
        told = sample.could_tell(before, content, found.video.shape[2] != whole.video.shape[2])
        return Verdict("fault" if told else "unnoticed", f"{said}: read with other values, {tuple(found.video.shape)}")

    def _go_on(self, random: np.random.Generator, folder: Path) -> Verdict:
        begun = [each for each in SUBJECTS if each.name in BEGUN]
        subject = begun[int(random.integers(len(begun)))]
        right = reference(self.home, subject)
        _begin(self.home, subject, folder)
        weights = random.random() < 0.2 and subject.name == "training"
        files = sorted(path for path in (folder / "runs").rglob("*") if path.is_file())
        path = folder / "model.safetensors" if weights else files[int(random.integers(len(files)))]
        content, said = damaged(path.read_bytes(), random)
        path.write_bytes(content)
        said = f"{subject.name}, {path.relative_to(folder)}, {said}"
        words = ("run", "network.yaml", "--quiet") if weights else subject.resume
        ended = command(*words, cpu_seconds=100)
        verdict = judged(ended, folder)
        if verdict.kind == "fault":
            return attrs.evolve(verdict, text=f"{said}: {verdict.text}")
        if verdict.kind == "done":
            wrong = "used" if weights else subject.wrong(folder, right.digest)
            return Verdict("fault" if wrong else "done", f"{said}: {wrong} {verdict.text}")
        return attrs.evolve(verdict, text=f"{said}: {verdict.text}")


def _same(whole: Recording, found: Recording) -> bool:
    pairs = ((whole.video, found.video), (whole.truth, found.truth))
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in pairs)


def _begin(home: Path, subject: Subject, folder: Path) -> None:
    """Make `folder` one in which the work was begun and not finished; that is kept for later trials."""
    kept = home / f"begun_{subject.name}"
    if kept.exists():
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return
    # here, where it is gone on with: a recipe counts its files by their absolute names
    shutil.copytree(furnished(home), folder, dirs_exist_ok=True)
    words = (*subject.words, *BEGUN[subject.name])

    def work() -> int:
        os.chdir(folder)
        return int(command(*words, cpu_seconds=600).code)

    ended = in_child(work, home, seconds=900, cpu_seconds=600)
    assert ended.value in (0, 1), ended
    shutil.copytree(folder, kept)
