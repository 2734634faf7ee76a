"""`GaussianEstimate` beside dense linear algebra."""

import pytest
import torch

from invsolve_priors.learned.stdit.gaussian_estimate import GaussianConfiguration, GaussianEstimate

SHAPE = (2, 3, 2, 2)


@pytest.fixture
def fitted():
    mixing = torch.randn(24, 24, generator=torch.Generator().manual_seed(0))
    clips = torch.randn(400, 24, generator=torch.Generator().manual_seed(1)) @ mixing + 0.3
    estimate = GaussianEstimate(GaussianConfiguration(SHAPE, rank=5))
    estimate.fit(clips.view(-1, *SHAPE))
    return estimate.double()


def covariance(estimate):
    scatter = estimate.axes.T @ torch.diag(estimate.variances - estimate.rest) @ estimate.axes
    return scatter + estimate.rest * torch.eye(24, dtype=torch.float64)


@pytest.mark.parametrize(("a", "s"), [(1.0, 0.01), (0.8, 0.6), (0.05, 1.0), (0.0, 1.0)])
def test_it_is_the_conditional_mean_and_spread_of_its_gaussian(fitted, a, s):
    # rounded axes are not quite orthonormal; here they shall be
    fitted.axes.copy_(torch.linalg.qr(fitted.axes.T)[0].T)
    z = torch.randn(3, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    levels = (torch.full((3,), each, dtype=torch.float64) for each in (a, s))
    estimate, spread = fitted(z, *levels)
    law = covariance(fitted)
    gain = a * law @ torch.linalg.inv(a**2 * law + s**2 * torch.eye(24, dtype=torch.float64))
    mean = fitted.mean.flatten()
    expected = mean + (z.flatten(1) - a * mean) @ gain.T
    torch.testing.assert_close(estimate.flatten(1), expected, rtol=1e-10, atol=1e-10)
    left = torch.linalg.inv(torch.linalg.inv(law) + a**2 / s**2 * torch.eye(24, dtype=torch.float64))
    torch.testing.assert_close(spread, left.diagonal().mean().sqrt().expand(3), rtol=1e-9, atol=1e-12)


def test_it_takes_the_moments_of_clips_run_both_ways(fitted):
    law = covariance(fitted).view(2, 3, 4, 2, 3, 4)
    torch.testing.assert_close(law, law.flip(1, 4), rtol=0.02, atol=0.02 * float(law.abs().max()))
    torch.testing.assert_close(fitted.mean, fitted.mean.flip(1), rtol=0, atol=0)


def test_each_clip_has_its_own_level(fitted):
    z = torch.randn(2, *SHAPE, dtype=torch.float64)
    a, s = torch.tensor([0.9, 0.2]).double(), torch.tensor([0.3, 1.0]).double()
    together, spreads = fitted(z, a, s)
    for i in range(2):
        alone, spread = fitted(z[i : i + 1], a[i : i + 1], s[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(spreads[i : i + 1], spread, rtol=1e-12, atol=0)
