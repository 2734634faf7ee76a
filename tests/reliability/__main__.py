"""The long form: `python -m tests.reliability [STUDY ...]`, which goes on where it was stopped."""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

import torch

from tests.reliability.page import write_page
from tests.reliability.studies import STUDIES
from tests.reliability.trials import Trials, once

OUT: Final = Path("runs/reliability")
ROUNDS: Final = 50


def main() -> int:
    """Make trials, say how many ended how, and return 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("study", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--short", action="store_true", help="only the trials of the short form")
    parser.add_argument("--again", action="store_true", help="repeat the trials that ended in a fault")
    parser.add_argument("--only", type=int, help="make this one trial and print all about it")
    parser.add_argument("--trials", type=int, help="stop after so many, instead of each study's goal")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--page", type=Path, help="write the counts so far as this page")
    parser.add_argument("--out", type=Path, default=OUT, help="where verdicts are kept")
    given = parser.parse_args()
    torch.set_num_threads(1)  # threads do not survive the fork of a trial
    chosen = given.study or list(STUDIES)
    out: Path = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.environ["HF_HUB_OFFLINE"] = "1"  # no trial may ask the network for what it made up
    home = out / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    if given.only is not None:
        return once(Trials(STUDIES[chosen[0]](), out, home), given.only)
    until = time.time() + 60 * given.minutes
    studies = [Trials(STUDIES[name](), out, home) for name in chosen]
    if given.again:
        for trials in studies:
            faulty = [number for number, verdict in trials.verdicts().items() if verdict.kind == "fault"]
            trials.run(faulty, again=True, until=until)
    # every study gets its share, however early the trials are stopped
    rounds = ROUNDS if given.trials is None and not given.short else 1
    for done in range(1, rounds + 1):
        for trials in studies:
            goal = trials.study.goal if given.trials is None else given.trials
            wanted = range(-(-goal * done // rounds))
            trials.run(trials.study.short if given.short else wanted, until=until)
        if given.page is not None:
            write_page(given.page, (Trials(study(), out, home) for study in STUDIES.values()))
        if time.time() > until:
            break
    return int(any(verdict.kind == "fault" for trials in studies for verdict in trials.verdicts().values()))


if __name__ == "__main__":
    sys.exit(main())
