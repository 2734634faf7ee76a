"""Plain lines tell the rate and the time left, and at the first count how long it will take."""

import pytest

from invsolve.cli.duration import duration
from invsolve.cli.progress import LineProgress
from invsolve.solving.observer import Started


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.347, "0.35 s"),
        (9.6, "9.6 s"),
        (42.4, "42 s"),
        (59.7, "1 min 0 s"),
        (200.0, "3 min 20 s"),
        (7500.0, "2 h 5 min"),
    ],
)
def test_durations_in_words(seconds, said):
    assert duration(seconds) == said


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("invsolve.cli.progress.time.monotonic", lambda: now[0])
    return now


def test_what_takes_long_is_told_at_the_first_step_then_every_ten_seconds(clock, capsys):
    progress = LineProgress()
    progress.notify(Started(steps=50, step=10, trajectories=1))
    for step in range(11, 18):
        clock[0] += 2.5
        progress.tell(step, 50, "  misfit 0.1")
    assert capsys.readouterr().out.splitlines() == [
        "step 11/50, 2.5 s each, about 1 min 38 s left  misfit 0.1",
        "step 15/50, 2.5 s each, about 1 min 28 s left  misfit 0.1",
    ]


def test_what_is_quick_is_not_told(clock, capsys):
    progress = LineProgress("draw")
    for step in range(1, 6):
        clock[0] += 0.5
        progress.tell(step, 5)
    assert capsys.readouterr().out == ""
