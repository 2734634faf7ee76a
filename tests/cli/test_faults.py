"""Faults that nobody raised on purpose: places, memory and parts are named; nothing is called a bug that is none."""

import errno
import subprocess
import sys

import numpy as np
import pytest
import torch

from invsolve.cli import main
from invsolve.cli.faults import fault
from invsolve.cli.message import brief
from invsolve.testing.pretend import manifest_of, pretend
from tests.cli.conftest import RECIPE

PARTS = """
import sys
from typing import final

import attrs
import invsolve as iv
from invsolve.noise import GaussianNoise
from invsolve.metrics.metric import Metric


@final
@attrs.frozen
class Moody(iv.Operator):
    '''Does what it is told.'''

    mood: str = "good"

    def forward(self, x):
        if self.mood == "exit":
            sys.exit(0)
        if self.mood == "pipe":
            raise BrokenPipeError(32, "Broken pipe")
        if self.mood == "type":
            return x + self
        if self.mood == "colour":
            raise ArithmeticError("\\x1b[31mred\\x07")
        return x


@final
@attrs.frozen
class Empty(Metric):
    '''Returns nothing.'''

    def evaluate(self, reconstruction):
        return None
"""


@pytest.fixture
def moody(here, shelf):
    manifest = manifest_of(("operator", "moody", "moody_parts:Moody"), ("metric", "empty", "moody_parts:Empty"))
    pretend(shelf, "invsolve-moody", manifest=manifest, modules={"moody_parts.py": PARTS})
    (here / "recipe.yaml").write_text(
        RECIPE.replace("{use: convolution, kernel: gaussian, std: 1.0}", "{use: moody}")
        .replace("{use: exact}", "{use: dps}")
        .replace("[psnr, reblur]", "[]")
    )
    return here


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ("exit", "SystemExit: 0\n  raised in Moody.forward of invsolve-moody ("),
        ("pipe", "BrokenPipeError: [Errno 32] Broken pipe\n  raised in Moody.forward of invsolve-moody ("),
        ("type", "TypeError: unsupported operand"),
        ("colour", "ArithmeticError: \\x1b[31mred\\x07\n  raised in Moody.forward of invsolve-moody ("),
    ],
)
def test_a_part_that_breaks_off_is_named_and_never_taken_for_success(moody, capsys, mood, said):
    assert main(["run", "recipe.yaml", "--set", f"operator.mood={mood}"]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "raised in Moody.forward of invsolve-moody (" in err
    assert "this is a bug" not in err
    assert "\x1b" not in err


def test_metrics_are_tried_before_the_run(moody, capsys):
    assert main(["run", "recipe.yaml", "--set", "metrics=[empty]"]) == 2
    assert capsys.readouterr().err == (
        "Empty.evaluate of invsolve-moody returned None, expected a mapping of names to numbers.\n"
    )
    assert not list(moody.glob("runs/*/*"))


def test_files_of_metrics_are_missed_before_the_run(here, capsys):
    assert main(["run", "recipe.yaml", "--set", "metrics=[{use: lpips, weights: nowhere.safetensors}]"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert not [path for path in here.glob("runs/*/*") if path.suffix != ".partial"]


LONG = "n" * 300


@pytest.mark.parametrize(
    "words",
    [
        ["run", LONG],
        ["run", f"{LONG}.yaml"],
        ["train", f"{LONG}.yaml"],
        ["show", LONG],
        ["cite", LONG],
        ["recipe", "check", LONG],
        ["evaluate", f"{LONG}.yaml", "--clips", "0..2"],
        ["run", "extends.yaml"],
        ["run", "recipe.yaml", "--resume", "--out", LONG],
        ["run", "recipe.yaml", "--set", f"input={{read: frames, path: {LONG}}}"],
        ["run", "recipe.yaml", "--set", f"prior={{use: stdit, file: {LONG}}}"],
    ],
)
def test_names_too_long_for_the_disk_are_no_bug(here, capsys, words):
    (here / "extends.yaml").write_text(f"extends: {LONG}.yaml\nrecipe: 1\n")
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "File name too long" in err
    assert "this is a bug" not in err


def test_places_that_cannot_be_used():
    assert fault(PermissionError(errno.EACCES, "Permission denied", "a.yaml")) == (
        "a.yaml cannot be used: Permission denied. Check who owns it, and who may read and write it.",
        2,
    )
    assert fault(OSError(errno.ENOSPC, "No space left on device", "b"))[1] == 1
    assert fault(OSError(errno.ENOTCONN, "Transport endpoint is not connected"))[0] == (
        "a file cannot be used: Transport endpoint is not connected. The connection to its disk was lost."
    )
    assert "this is a bug" in fault(OSError("odd"))[0]


@pytest.mark.parametrize(
    ("take", "wanted"),
    [
        (lambda: np.empty(2**50, dtype=np.uint8), "1,048,576.0 GiB"),
        (lambda: torch.empty(2**50, dtype=torch.uint8), "1,048,576.0 GiB"),
    ],
)
def test_out_of_memory_says_how_much_and_what_to_do(take, wanted):
    with pytest.raises((MemoryError, RuntimeError)) as failed:
        take()
    text, code = fault(failed.value)
    assert text.startswith(f"out of memory: {wanted} wanted at once")
    assert "GiB are free" in text or sys.platform != "linux"
    assert "chunk=1" in text
    assert code == 1


def test_messages_are_short_and_printable():
    text = brief("\n".join(f"line {i}" for i in range(50)))
    assert text.splitlines()[-2:] == ["line 19", "... and 30 more lines"]
    assert brief("a" * 5000).endswith(" ... and 3000 more characters")
    assert brief("a\x1b]0;title\x07\u202eb\tc\x9b") == "a\\x1b]0;title\\x07\\u202eb\tc\\x9b"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "recipe.yaml", "--set", "a" + ".a" * 500 + "=1"], "a path of 501 parts"),
        (["evaluate", "recipe.yaml", "--clips", "0.." + "9" * 5000], "clips are counted to 1,000,000 at most"),
        (["evaluate", "recipe.yaml", "--clips", "0..99999999999"], "clips are counted to 1,000,000 at most"),
        (["run", "recipe.yaml", "--set", "input.frames=0.." + "9" * 5000], "numbers that no clip reaches"),
        (["run", "recipe.yaml", "--set", "operator.std=1e9"], "8,000,000,000 pixels wide; at most 4,096"),
        (["run", "recipe.yaml", "--set", "operator.size=101"], "a kernel of 101 x 101 is far larger than a picture"),
    ],
)
def test_numbers_beyond_all_bounds_are_refused(here, capsys, words, said):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err) < 1000


def test_a_process_that_reads_no_more_is_quiet_and_a_part_is_not():
    code = "import sys; from invsolve.cli import _stdout_is_closed as closed; sys.exit(10 + closed())"
    for end, expected in ((subprocess.PIPE, 10), (subprocess.DEVNULL, 10)):
        with subprocess.Popen([sys.executable, "-c", code], stdout=end) as process:
            assert process.wait() == expected
