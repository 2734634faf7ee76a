"""The joint table against numbers worked out by hand, and as files."""

import csv
import io
import re

import numpy as np
import pytest

from invsolve.cli import main
from invsolve.evaluation.joint_files import write_joint_files
from invsolve.evaluation.joint_table import SAMPLES, Evaluated, JointTable
from invsolve.evaluation.latex import escaped, latex_table
from invsolve.evaluation.statistics import median_interval
from invsolve.evaluation.summary import Summary
from invsolve.metrics.score import Score

PSNR = Score("psnr", "PSNR", "dB", decimals=2, better="higher")
TIME = Score("seconds", "seconds", decimals=1, better="lower")
CHI = Score("chi", "chi-square", decimals=2)
NEVER = Score("t_psnr", "T-PSNR", decimals=2, better="higher")


def measured(label, rows, baseline=None, data="same"):
    clips = {}
    for name, (psnr, seconds) in rows.items():
        own = {"psnr": np.array(psnr), "seconds": np.array(seconds), "chi": np.array(1.0), "t_psnr": np.array([np.inf])}
        clips[name] = {"": own} | ({} if baseline is None else {"wiener": {"psnr": np.array(baseline[name])}})
    return Evaluated(label, data, Summary(clips, (PSNR, TIME, CHI, NEVER)))


A = measured("a steps=1", {"c0": ([20.0, 22.0], 3.0), "c1": ([30.0], 5.0), "c2": ([10.0], 4.0)})
B = measured("b_2", {"c2": ([14.0], 1.0), "c0": ([22.0], 1.5), "c1": ([31.0], 2.0), "c9": ([99.0], 9.0)})


def lines(table):
    return list(csv.DictReader(io.StringIO(table.csv)))


def test_gains_are_paired_by_clip_whatever_their_order():
    # differences b - a: c0 22 - 21, c1 31 - 30, c2 14 - 10; the fourth clip is not common
    found = {(line["row"], line["measure"]): line for line in lines(JointTable.of([A, B]))}
    line = found["b_2", "psnr"]
    assert float(line["median"]) == 22.0 and float(line["gain"]) == 1.0 and line["over"] == "a steps=1"
    expected = median_interval([1.0, 1.0, 4.0])
    assert (float(line["gain_low"]), float(line["gain_high"])) == (expected.low, expected.high)
    # seconds: 1.5 - 3, 2 - 5, 1 - 4
    assert float(found["b_2", "seconds"]["gain"]) == -3.0
    assert found["a steps=1", "psnr"]["gain"] == found["b_2", "chi"]["gain"] == ""


def test_markdown_has_labels_gains_and_no_column_of_what_is_infinite():
    text = JointTable.of([A, B]).markdown
    assert "| a steps=1" in text and "| gain over a steps=1 | PSNR [dB] \u2191 " in text
    row = next(line for line in text.splitlines() if line.startswith("| b_2") and "+1.00" in line)
    assert "+1.00 [+1.00, +4.00]" in row and "-3.0 [-3.0, -1.5]" in row
    assert "T-PSNR" not in text and "inf" not in text
    assert "3 clips that all of them have" in text


def test_a_baseline_of_both_stands_once_and_has_its_gain():
    truth = {"c0": 19.0, "c1": 28.0}
    rows = {"c0": ([20.0], 1.0), "c1": ([30.0], 1.0)}
    table = JointTable.of([measured("a", rows, truth), measured("b", rows | {"c0": ([25.0], 1.0)}, truth)])
    (part,) = table.parts
    assert list(part.rows) == ["a", "b", "wiener"]
    assert part.gain("wiener", PSNR).median == -1.5


def test_other_data_are_not_compared():
    table = JointTable.of([A, measured("c", {"c0": ([1.0], 1.0)}, data="other")])
    assert [list(part.rows) for part in table.parts] == [["a steps=1"], ["c"]]
    assert "gain over" not in table.markdown


def test_equal_labels_are_told_apart():
    (part,) = JointTable.of([A, measured("a steps=1", {"c0": ([1.0], 1.0)})]).parts
    assert list(part.rows) == ["a steps=1", "a steps=1 (2)"]


def test_latex_marks_the_best_and_escapes_what_is_special():
    text = JointTable.of([A, B]).latex
    assert r"\begin{tabular}{lrrr}" in text and text.count(r"\toprule") == 1
    row = next(line for line in text.splitlines() if line.lstrip().startswith(r"b\_2"))
    assert row.count(r"\textbf") == 2 and row.endswith(r"\\")
    hostile = "50% of $x_1 & {y}~^ \\ #\nnew"
    assert escaped(hostile) == (r"50\% of \$x\_1 \& \{y\}\textasciitilde{}\textasciicircum{} \textbackslash{} \# new")
    one = latex_table("t", "two\nlines", [["a", "b"], [hostile, "1"]])
    # an unescaped & is a new cell
    assert [len(re.findall(r"(?<!\\)&", line)) for line in one.splitlines() if line.endswith(r"\\")] == [1, 1]
    assert one.splitlines()[0] == "% t: two lines"


def test_files_hold_the_same(tmp_path):
    table = JointTable.of([A, B])
    files = write_joint_files(tmp_path / "compare.md", table)
    assert [file.name for file in files] == ["compare.md", "compare.csv", "compare.tex", "compare.png"]
    assert files[1].read_text() == table.csv and files[2].read_text() == table.latex
    assert files[3].read_bytes().startswith(b"\x89PNG")


def test_samples_of_runs_are_called_samples():
    rows = {"sample 0": ([20.0], 1.0), "sample 1": ([21.0], 1.0)}
    table = JointTable.of([Evaluated(label, "same", measured("", rows).summary, SAMPLES) for label in "ab"])
    assert "2 samples of one input" in table.markdown and "Medians over samples" in table.markdown


@pytest.mark.parametrize("words", [["compare"], ["compare", "nowhere"], ["compare", "nowhere", "either"]])
def test_nothing_to_compare_is_a_mistake(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err
