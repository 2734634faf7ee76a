"""`write_page`: the counts of the long form as docs/reliability.md."""

import os
import platform
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.reliability.solves import BLOCK
from tests.reliability.trials import Trials
from tests.reliability.verdict import KINDS

INTRODUCTION: Final = f"""# Reliability, tried

Written by `make reliability`, which makes the trials of `tests/reliability/` one after the other, each in a process of
its own, says how it is getting on, and goes on where it was stopped; `make test` makes the first few of them. Every
trial has a number, and is the same whenever it is made: `python -m tests.reliability STUDY --only NUMBER` repeats one.

- **done**: ended with the right result; work that was stopped came to the same bits as work that was not.
- **refused**, **failed**: exit code 2 or 1, with a message.
- **interrupted**: took longer than its share of processor time, and stopped with exit code 130 when it was interrupted.
- **unnoticed**: a file was damaged and read with other values, and nothing in its format could have told.
- **faults**: a traceback, an error called a bug, a crash, a hang, control characters or 20,000 characters on the
  terminal, files left over, other numbers after a resume, a plugin's mistake without the plugin's name, damage read
  although a checksum, a count or a duration could have told, a finished run with values that are not finite.

Recipes are made of the JSON schema of what is installed, command lines of the commands' signatures, plugins of the
abstract classes of every kind, so that new components are tried by themselves; a reader without a sample file and a
kind without a use are errors. A trial of *solves* is a block of {BLOCK} in one process.
"""
HEAD: Final = "| study | trials | planned | done | refused | failed | interrupted | unnoticed | faults |"


def write_page(page: Path, studies: Iterable[Trials]) -> None:
    """Write the table of what was made so far."""
    rows = [_row(trials) for trials in studies]
    about = (
        f"Made on {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}."
    )
    lines = [INTRODUCTION, HEAD, "|---|" + "---:|" * (len(KINDS) + 2), *rows, "", about, ""]
    page.write_text("\n".join(lines), encoding="utf-8")


def _row(trials: Trials) -> str:
    kinds = Counter(verdict.kind for verdict in trials.verdicts().values())
    counts = " | ".join(str(kinds[kind]) for kind in KINDS)
    return f"| {trials.study.title} | {kinds.total()} | {trials.study.goal} | {counts} |"
