"""The first trials of every study; `make reliability` makes the rest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.studies import STUDIES
from tests.reliability.trials import Trials

ROOT = Path(__file__).parents[2]
SHORT = [name for name, study in STUDIES.items() if study.short]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The verdicts of the short form, made in one process that has none of pytest's doing."""
    out = tmp_path_factory.mktemp("reliability")
    words = [sys.executable, "-m", "tests.reliability", "--short", "--out", str(out)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads do not survive a fork
    ended = subprocess.run(words, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return out


@pytest.mark.parametrize("name", SHORT)
def test_no_trial_ends_in_a_fault(made, name):
    study = STUDIES[name]()
    verdicts = Trials(study, made, made).verdicts()
    assert sorted(verdicts) == sorted(study.short)
    faults = {number: verdict.text for number, verdict in verdicts.items() if verdict.kind == "fault"}
    assert not faults
    assert any(verdict.kind == "done" for verdict in verdicts.values())
