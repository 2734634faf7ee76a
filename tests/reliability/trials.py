"""`Trials`: a study's trials one after the other, each recorded, so that they can be gone on with."""

import gc
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, final

import attrs

from tests.reliability.child import in_child
from tests.reliability.study import Study
from tests.reliability.verdict import Verdict

SAY_EVERY: Final = 30.0


@final
@attrs.define
class Trials:
    """A study, and the lines of ``<out>/<study>.jsonl``: number, kind, text and seconds of every trial made.

    Attributes:
        home: what the studies of one process share.
    """

    study: Study
    out: Path
    home: Path
    prepared: bool = False

    @property
    def record(self) -> Path:
        """Where the verdicts are kept."""
        return self.out / f"{self.study.name}.jsonl"

    def verdicts(self) -> dict[int, Verdict]:
        """The last verdict on each trial."""
        if not self.record.exists():
            return {}
        lines = self.record.read_text(encoding="utf-8").splitlines()
        found = (json.loads(line) for line in lines if line.endswith("}"))
        return {each["number"]: Verdict(each["kind"], each["text"]) for each in found}

    def run(self, numbers: Iterable[int], *, again: bool = False, until: float = float("inf")) -> None:
        """Make the trials that are not recorded yet; `again` also those that ended in a fault; `until` [s, epoch]."""
        made = self.verdicts()
        wanted = [n for n in numbers if n not in made or (again and made[n].kind == "fault")]
        said = time.monotonic()
        for place, number in enumerate(wanted):
            if time.time() > until:
                break
            verdict = self.one(number)
            if verdict.kind == "fault":
                print(f"{self.study.name} {number}: {verdict.text[:600]}", flush=True)
            if time.monotonic() - said > SAY_EVERY or place == len(wanted) - 1:
                said = time.monotonic()
                kinds = Counter(each.kind for each in self.verdicts().values())
                print(f"{self.study.name} {place + 1}/{len(wanted)}  {dict(kinds)}", flush=True)

    def one(self, number: int) -> Verdict:
        """Make one trial and record it."""
        if not self.prepared:
            self.study.prepare(self.home)
            self.prepared = True
            # what is there stays where it is: a fork's collections would copy the pages that they look at
            gc.collect()
            gc.freeze()
        folder = self.out / "trial" / self.study.name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "at").mkdir(parents=True)
        started = time.monotonic()
        verdict = self._verdict(number, folder)
        line = {"number": number, **attrs.asdict(verdict), "seconds": round(time.monotonic() - started, 3)}
        with self.record.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
        return verdict

    def _verdict(self, number: int, folder: Path) -> Verdict:
        at = folder / "at"

        def trial() -> dict[str, str]:
            os.chdir(at)
            return attrs.asdict(self.study.trial(number, at))

        ended = in_child(trial, folder, seconds=self.study.seconds, cpu_seconds=self.study.cpu_seconds)
        if ended.lost:
            return Verdict("fault", f"{ended.lost}: {ended.noise}")
        if "Traceback" in ended.noise:
            return Verdict("fault", f"a traceback beside the message: {ended.noise} {ended.value['text']}")
        return Verdict(**ended.value)


def once(trials: Trials, number: int) -> int:
    """Make one trial and print all there is to say about it; its folder is kept."""
    verdict = trials.one(number)
    print(f"{verdict.kind}\n{verdict.text}\n{trials.out / 'trial' / trials.study.name / 'at'}")
    sys.stdout.flush()
    return int(verdict.kind == "fault")
