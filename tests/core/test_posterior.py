"""Quantiles, coverage with its error, and modes of samples."""

import math

import numpy as np
import pytest
import torch

from invsolve.errors import ComponentError, SpaceError
from invsolve.posterior.coverage import coverage
from invsolve.posterior.modes import modes
from invsolve.posterior.quantiles import quantiles


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_quantiles_are_those_of_numpy():
    samples, probabilities = normal(7, 2, 3), [0.0, 0.05, 0.5, 0.77, 1.0]
    wanted = np.quantile(samples.numpy(), probabilities, axis=0)
    np.testing.assert_allclose(quantiles(samples, probabilities).numpy(), wanted, rtol=1e-14)
    with pytest.raises(ComponentError, match=r"lies in \[0, 1\], got 5\.0"):
        quantiles(samples, [5.0])


@pytest.mark.parametrize(("count", "left_out"), [(2, 1), (4, 1), (19, 1), (40, 2), (99, 5)])
def test_coverage_counts_the_truth_between_order_statistics(count, left_out):
    samples, truth = normal(count, 2, 1, 2, 5, 5), 1.5 * normal(2, 1, 2, 5, 5, seed=1)
    found = coverage(samples, truth, level=0.9)
    ordered = samples.numpy()
    ordered.sort(0)
    inside = (ordered[left_out - 1] <= truth.numpy()) & (truth.numpy() <= ordered[-left_out])
    assert found.observed == pytest.approx(inside.mean(), rel=1e-12)
    assert found.nominal == pytest.approx((count + 1 - 2 * left_out) / (count + 1), rel=1e-12)


def test_the_error_of_coverage_knows_that_values_are_not_independent():
    """Over many truths, the coverage spreads as far as its error says: here all values of a video are one number."""
    errors, found = [], []
    for seed in range(200):
        one = normal(40, 2, 1, 1, 1, 1, seed=seed) + 0.3 * normal(40, 2, 1, 1, 6, 6, seed=1000 + seed)
        result = coverage(one[1:], one[0], level=0.5)
        errors.append(result.error)
        found.append(result.observed)
    assert np.mean(found) == pytest.approx(result.nominal, abs=3 * np.std(found) / math.sqrt(200))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(found), rel=0.15)
    assert np.std(found) > 3 * math.sqrt(0.25 / 72)  # what independent values would have


def test_coverage_needs_samples_a_level_and_a_truth_of_their_shape():
    samples = normal(3, 1, 1, 1, 2, 2)
    assert math.isnan(coverage(samples[:2], samples[0]).error)
    with pytest.raises(ComponentError, match="at least 2 samples, got 1"):
        coverage(samples[:1], samples[0])
    with pytest.raises(ComponentError, match=r"between 0 and 1, got 90\.0"):
        coverage(samples, samples[0], level=90.0)
    with pytest.raises(SpaceError, match="the truth has shape"):
        coverage(samples, samples)


def groups(sizes, distance, seed=0, axes=(1, 4, 10, 10)):
    """Samples around as many random centres, shuffled, and which belongs to which."""
    centres = distance * normal(len(sizes), *axes, seed=seed)
    label = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    label = label[torch.randperm(len(label), generator=torch.Generator().manual_seed(seed))]
    return centres[label] + 0.1 * normal(len(label), *axes, seed=seed + 1), label


@pytest.mark.parametrize("sizes", [(6, 5), (20, 12), (30, 20, 10), (120, 80)])
@pytest.mark.parametrize("reversed_too", [False, True])
def test_modes_are_found_with_weights_and_middles(sizes, reversed_too):
    samples, label = groups(sizes, 0.3)
    if reversed_too:
        turned = torch.rand(len(label), generator=torch.Generator().manual_seed(3)) < 0.5
        samples = torch.where(turned[:, None, None, None, None], samples.flip(-3), samples)
    numbers = range(100, 100 + len(label))
    found = modes(samples, numbers, reversible=reversed_too)
    assert [mode.weight for mode in found] == [size / sum(sizes) for size in sizes]
    for k, mode in enumerate(found):
        members = (label == k).nonzero().flatten()
        assert mode.members == tuple(100 + int(i) for i in members)
        assert mode.representative in mode.members
        assert mode.spread == pytest.approx(0.1, rel=0.25)
    if not reversed_too:
        own = samples[label == 0]
        nearest = (own - own.mean(0)).flatten(1).norm(dim=1).argmin()
        assert found[0].representative == 100 + int((label == 0).nonzero()[nearest])
    elif sizes[0] > 6:
        assert len(modes(samples)) > len(sizes)


@pytest.mark.parametrize("count", [4, 12, 60])
@pytest.mark.parametrize("reversible", [False, True])
@pytest.mark.parametrize("axes", [(1, 2, 3, 3), (1, 4, 10, 10)])
def test_one_group_is_cut_no_oftener_than_the_significance_says(count, reversible, axes):
    split = [len(modes(normal(count, *axes, seed=seed), reversible=reversible)) > 1 for seed in range(150)]
    assert sum(split) <= 6  # 1.5 on average; more by chance once in a thousand


def test_a_wide_or_heavy_tailed_law_stays_one_mode():
    spread = torch.linspace(0.1, 3, 40)[:, None, None, None, None] * normal(1, 1, 1, 5, 5)
    heavy = torch.from_numpy(np.random.default_rng(0).standard_t(5, size=(60, 1, 1, 5, 5)))
    assert len(modes(spread.double())) == len(modes(heavy)) == 1


def test_few_or_equal_samples_are_one_mode():
    for samples in (normal(1, 1, 2, 3, 3), normal(3, 1, 2, 3, 3), torch.full((9, 1, 2, 3, 3), 0.25)):
        (only,) = modes(samples, reversible=True)
        assert (only.weight, only.members) == (1.0, tuple(range(len(samples))))
