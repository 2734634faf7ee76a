"""Ranks, and tests of their being even, against scipy and brute force."""

import numpy as np
import pytest
import torch
from scipy.stats import binom, chisquare, kstest

import invsolve as iv
from invsolve.calibration.calibration import Calibration
from invsolve.calibration.ranks import ranks
from invsolve.calibration.uniformity import Shape, bins_for, ecdf_band, uniformity
from invsolve.errors import ComponentError

RANDOM = np.random.default_rng(0)


def test_ranks_count_what_is_below_and_draw_a_place_among_equals():
    rng = iv.SeededRandomness(0, tuple((i, 0) for i in range(4000)))
    truth = torch.tensor([[0.5, 1.0]]).expand(4000, 2).double()
    samples = torch.tensor([0.0, 1.0, 1.0, 2.0])[:, None, None].expand(4, 4000, 2).double()
    found = ranks(truth, samples, rng)
    assert (found[:, 0] == 1).all()
    counts = torch.bincount(found[:, 1], minlength=5)
    assert counts[0] == counts[4] == 0
    assert chisquare(counts[1:4].numpy()).pvalue > 1e-3


def test_p_values_are_those_of_scipy_and_of_brute_force():
    found = RANDOM.integers(0, 16, 120)
    test = uniformity(found, 15)
    counts = np.bincount(found, minlength=16)
    assert test.counts == tuple(counts)
    assert test.p_chi_square == pytest.approx(chisquare(counts).pvalue, rel=1e-10)

    def least(row):
        places = np.arange(1, 16) / 16
        cumulated = row.cumsum()[:-1]
        two = 2 * np.minimum(binom.cdf(cumulated, 120, places), binom.sf(cumulated - 1, 120, places))
        return two.min()

    even = RANDOM.multinomial(120, np.full(16, 1 / 16), size=1500)
    assert test.p_ecdf == pytest.approx(np.mean([least(row) <= least(counts) for row in even]), abs=0.04)
    assert test.band == (int(binom.ppf(0.005, 120, 1 / 16)), int(binom.ppf(0.995, 120, 1 / 16)))


def test_p_values_of_even_ranks_are_uniform_and_their_curves_stay_in_the_band():
    tests = [uniformity(RANDOM.integers(0, 32, 100), 31) for _ in range(250)]
    assert kstest([test.p_ecdf for test in tests], "uniform").pvalue > 1e-3
    assert np.mean([test.p_chi_square < 0.1 for test in tests]) == pytest.approx(0.1, abs=0.06)
    assert np.std([test.slope for test in tests]) == pytest.approx(1.0, abs=0.15)
    assert np.std([test.bend for test in tests]) == pytest.approx(1.0, abs=0.15)
    low, high = ecdf_band(100, 31)
    curves = RANDOM.multinomial(100, np.full(32, 1 / 32), size=2000).cumsum(1) / 100
    inside = ((curves >= low - 1e-9) & (curves <= high + 1e-9)).all(1)
    assert inside.mean() == pytest.approx(0.99, abs=0.01)


@pytest.mark.parametrize(
    ("spread", "shift", "shape"),
    [
        (1.0, 0.0, Shape.EVEN),
        (0.5, 0.0, Shape.NARROW),
        (2.0, 0.0, Shape.WIDE),
        (1.0, -0.6, Shape.LOW),
        (1.0, 0.6, Shape.HIGH),
    ],
)
def test_the_shape_tells_what_is_wrong(spread, shift, shape):
    truth = RANDOM.standard_normal(300)
    samples = shift + spread * RANDOM.standard_normal((31, 300))
    test = uniformity((samples < truth).sum(0), 31)
    assert test.shape(test.p > 0.01) is shape


def test_bins_divide_the_ranks_and_are_filled():
    assert [bins_for(500, samples) for samples in (15, 19, 31, 63)] == [16, 20, 16, 16]
    assert bins_for(30, 15) == 4
    with pytest.raises(ComponentError, match="10 draws are too few for 4 bins with 5 each: take at least 20"):
        bins_for(10, 31)
    with pytest.raises(ComponentError, match=r"22 samples give 23 ranks.*take 15, 19, 31 or 63"):
        bins_for(500, 22)


def test_p_values_of_several_quantities_are_corrected_as_holm_does():
    columns = [RANDOM.integers(0, 16, 200), np.sort(RANDOM.integers(0, 8, 200)), RANDOM.integers(0, 14, 200)]
    found = Calibration(("a", "b", "c"), np.stack(columns, 1), samples=15, exact=True)
    single = np.array([test.p for test in found.tests])
    order = np.argsort(single)
    wanted = np.empty(3)
    running = 0.0
    for place, which in enumerate(order):
        running = max(running, min(1.0, (3 - place) * single[which]))
        wanted[which] = running
    assert found.p == pytest.approx(tuple(wanted))
    assert not found.calibrated
    assert found.shapes[0] is Shape.EVEN
    assert "b" in found.verdict
