"""Chi-square is judged by the number of values it is a mean over."""

import pytest
import torch

import invsolve as iv
from invsolve.posterior.residual import advice, bounds, consistent
from invsolve.posterior.verdict import Verdict


def test_bounds_by_hand():
    assert bounds() == (0.8, 2.0)
    assert bounds(9_000_000) == (0.8, 2.0)
    low, high = bounds(8)
    assert (low, high) == pytest.approx((1 - 5 * 0.5, 1 + 5 * 0.5))


def test_nine_million_values_do_not_lie_low_by_chance():
    seen = torch.tensor([0.744, 0.744])
    assert not consistent(seen, 9_000_000)
    assert "chi-square 0.744 per value over 9,000,000 values" in advice(seen, 9_000_000)[0]
    assert consistent(seen, 200)
    assert advice(seen, 200) == ()


@pytest.mark.parametrize(("side", "told"), [(4, False), (64, True)])
def test_the_verdict_counts_the_values_that_are_seen(side, told):
    """A residual of three quarters of the noise: chance among 8 values, none among 2048."""
    video = torch.zeros(1, 1, 1, 1, side, side)
    observation = torch.zeros(1, 1, 1, side, side)
    observation[..., : side // 2, :] = 0.075**0.5  # with std = 0.1 ** 0.5 chi-square is 0.75; the rest is dark
    verdict = Verdict.of(video, observation, iv.Identity(), iv.GaussianNoise(std=0.1**0.5))
    assert verdict.count == side * side // 2
    assert float(verdict.chi_square) == pytest.approx(0.75)
    assert bool(verdict.with_remarks(()).remarks) is told
    assert verdict.consistent is not told
