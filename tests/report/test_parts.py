"""Sheets, charts, references and advice, each against what was worked out by hand."""

import base64
import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve.report.advice import advice
from invsolve.report.chart import Chart, Series
from invsolve.report.reference import readable
from invsolve.report.sheet import sheets
from invsolve.report.shot import Shot
from invsolve.report.svg_chart import drawing

from .pages import rand


def size(sheet):
    return len(base64.b64decode(sheet.source.partition(",")[2]))


def pixels(sheet):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet.source.partition(",")[2]))))


def test_sheets_keep_to_their_budget():
    shots = [Shot(str(number), rand(3, 1, 300, 420, seed=number)) for number in range(3)]
    free = sheets(shots)
    bound = sheets(shots, budget=60_000)
    assert sum(map(size, free)) > 200_000 and (free[0].width, free[0].height) == (420, 300)
    assert 20_000 < sum(map(size, bound)) <= 60_000
    assert bound[0].width / bound[0].height == pytest.approx(420 / 300, rel=0.03)


def test_frames_of_a_sheet_stand_row_by_row():
    video = torch.arange(7).float().reshape(1, 7, 1, 1).expand(1, 7, 2, 3) / 10
    (sheet,) = sheets([Shot("count", video)])
    found = pixels(sheet)
    assert sheet.frames == 7
    for frame in range(7):
        y, x = frame // sheet.columns * 2, frame % sheet.columns * 3
        assert (found[y : y + 2, x : x + 3] == round(25.5 * frame)).all()


def test_all_maps_have_one_scale_and_nan_is_dark():
    low, high = torch.full((1, 1, 4, 4), 0.1), torch.full((1, 1, 4, 4), 0.4)
    low[..., 0, 0] = math.nan
    one, other = sheets([Shot("low", low, map=True), Shot("high", high, map=True)])
    assert one.highest == other.highest == pytest.approx(0.4)
    assert pixels(one)[1, 1] == round(255 * 0.25) and pixels(one)[0, 0] == 0 and pixels(other)[0, 0] == 255


def test_a_chart_is_laid_out_by_its_values():
    drawn = drawing(Chart("t", "x", "y", (Series("s", (0, 1, 2), (0.0, math.nan, 10.0)),), level=5.0))
    left, top, wide, high = drawn.plot
    # 0 to 10 with 5 % above and below
    assert drawn.level == pytest.approx(top + high / 2)
    assert (
        drawn.marks[0].line
        == f"M{left:.1f} {top + high * (1 - 0.5 / 11):.1f}M{left + wide:.1f} {top + high * 0.5 / 11:.1f}"
    )
    assert [tick.label for tick in drawn.y_ticks] == ["0", "5", "10"]


def test_a_logarithmic_chart_has_powers_of_ten():
    drawn = drawing(Chart("t", "x", "y", (Series("s", (0, 1), (0.001, 10.0)),), log=True))
    assert [tick.label for tick in drawn.y_ticks] == ["0.001", "0.01", "0.1", "1", "10"]
    gaps = np.diff([tick.place for tick in drawn.y_ticks])
    assert gaps == pytest.approx([gaps[0]] * 4)


def test_bars_stand_on_zero():
    drawn = drawing(Chart("t", "x", "y", (Series("s", (0, 1), (1.0, 2.0)),), kind="bar"))
    (_, y0, _, h0, _), (_, y1, _, h1, said) = drawn.marks[0].bars
    assert h1 == pytest.approx(2 * h0) and y0 + h0 == pytest.approx(y1 + h1) == pytest.approx(
        drawn.plot[1] + drawn.plot[3]
    )
    assert said == "1: 2"


@pytest.mark.parametrize("values", [(), (1.0,), (1.0, 1.0), (0.0, 0.0), (math.nan, math.nan), (1e-30, 1e30)])
def test_any_values_can_be_drawn(values):
    for log in (False, True):
        drawn = drawing(Chart("t", "x", "y", (Series("s", range(len(values)), values),), log=log))
        assert all(math.isfinite(tick.place) for tick in (*drawn.x_ticks, *drawn.y_ticks))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            '@article{x, title="Plain", author={A. One and B. Two and C. Three and D. Four}, journal={J}, year=2020}',
            "A. One and others (2020). Plain. J.",
        ),
        (
            '@inproceedings{x,\n title = {Of {K}-means and\n    more}, author = {G{\\"o}del, Kurt}, year = {1931},\n}',
            "Godel (1931). Of K-means and more.",
        ),
        ("no entry at all", "no entry at all"),
    ],
)
def test_references_are_readable(entry, said):
    assert readable(entry) == said


def seen(values=None, chi_square=(1.0,) * 8, samples=8, forward=()):
    given = {"psnr": [1.0]} if values is None else {"psnr": [1.0], **values}
    return [each.seen for each in advice(given, chi_square, samples, forward, "r.yaml")]


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({}, "The samples explain the observation"),
        ({"chi_square": [4.0] * 8}, "The samples miss the observation: chi-square is 4 "),
        ({"chi_square": [0.25] * 8}, "The samples fit the noise too"),
        ({"values": {"psnr_mean": 20.0, "psnr_observed": 21.0}}, "The mean is farther from the truth"),
        (
            {"values": {"psnr_mean": 20.0, "psnr_mean_of_samples": 30.0, "psnr_observed": 21.0}},
            "The samples explain the observation",
        ),
        (
            {"values": {"coverage": 0.5, "coverage_nominal": 0.8, "coverage_error": 0.05}},
            "The samples are too sure: their 80% intervals hold 50%",
        ),
        ({"values": {"coverage": 0.99, "coverage_nominal": 0.8, "coverage_error": 0.05}}, "The samples are less sure"),
        (
            {"values": {"coverage": 0.7, "coverage_nominal": 0.8, "coverage_error": 0.05}},
            "The samples explain the observation",
        ),
        ({"forward": (True,) * 8}, "All 8 samples run the same way in time"),
        ({"forward": (True, False, True)}, "2 of 3 samples run one way in time, 1 the other"),
        ({"samples": 1}, "One sample is one possible answer"),
        ({"samples": 3}, "3 samples: each value of the map of standard deviation is itself unsure by 50%"),
        (
            {"values": {"mode_0_weight": 0.75, "mode_1_weight": 0.25}},
            "The samples are 2 different explanations, of 75%, 25%",
        ),
    ],
)
def test_advice_follows_from_the_numbers(given, begins):
    assert seen(**given)[0].startswith(begins)


def test_the_noise_that_would_explain_a_misfit_is_named():
    (first, *_) = advice({"psnr": []}, [4.0] * 8, 8, (), "r.yaml")
    assert "a noise std stated 2 times as large" in first.do.lower()


def test_without_a_truth_the_reader_is_told():
    assert any(each.seen.startswith("The truth is not known") for each in advice({}, [1.0], 8, (), "r.yaml"))
