import pytest
import torch
from scipy import stats

import invsolve as iv
from invsolve.errors import ComponentError

MEAN = torch.linspace(0.05, 0.9, 24, dtype=torch.float64).reshape(1, 1, 2, 3, 4)
NOISES = [iv.GaussianNoise(0.03), iv.PoissonNoise(0.004), iv.PoissonGaussianNoise(0.004, 0.02)]


@pytest.mark.parametrize("noise", NOISES, ids=lambda n: type(n).__name__)
def test_drawn_noise_has_the_stated_mean_and_std(noise):
    n = 4000
    mean = MEAN.expand(n, -1, -1, -1, -1)
    drawn = noise.sample(mean, iv.SeededRandomness(0, tuple((0, i) for i in range(n))))
    std = noise.standard_deviation(MEAN)
    assert ((drawn.mean(0) - MEAN[0]).abs() < 5 * std[0] / n**0.5).all()
    assert ((drawn.std(0) / std[0] - 1).abs() < 5 / (2 * n) ** 0.5 + 0.01).all()


def test_gaussian_likelihood_is_scipys_up_to_its_constant():
    y = MEAN + 0.01
    ours = iv.GaussianNoise(0.03).negative_log_likelihood(y, MEAN)
    constant = stats.norm(0, 0.03).logpdf(0) * MEAN.numel()
    assert float(ours) == pytest.approx(constant - stats.norm(MEAN, 0.03).logpdf(y).sum(), rel=1e-12)


def test_poisson_likelihood_differences_are_scipys():
    gain = 0.004
    counts = torch.arange(24, dtype=torch.float64).reshape(MEAN.shape) * 5
    noise = iv.PoissonNoise(gain)
    ours = noise.negative_log_likelihood(gain * counts, MEAN) - noise.negative_log_likelihood(gain * counts, 0.5 * MEAN)
    theirs = stats.poisson(0.5 * MEAN / gain).logpmf(counts).sum() - stats.poisson(MEAN / gain).logpmf(counts).sum()
    assert float(ours) == pytest.approx(theirs, rel=1e-10)


def test_poisson_gaussian_likelihood_is_the_matched_gaussian():
    noise, y = iv.PoissonGaussianNoise(0.004, 0.02), MEAN.flip(-1)
    law = stats.norm(MEAN, noise.standard_deviation(MEAN))
    constant = 24 * stats.norm(0, 1).logpdf(0)
    assert float(noise.negative_log_likelihood(y, MEAN)) == pytest.approx(constant - law.logpdf(y).sum(), rel=1e-12)


@pytest.mark.parametrize("noise", NOISES, ids=lambda n: type(n).__name__)
def test_likelihood_is_per_item_and_differentiable_below_zero(noise):
    mean = torch.stack([MEAN[0] - 0.5, MEAN[0]]).requires_grad_()
    loss = noise.negative_log_likelihood(MEAN.expand(2, -1, -1, -1, -1), mean)
    assert loss.shape == (2,)
    (gradient,) = torch.autograd.grad(loss[1], mean)
    assert torch.isfinite(gradient).all()
    assert not gradient[0].any()


@pytest.mark.parametrize("make", [iv.GaussianNoise, iv.PoissonNoise, iv.PoissonGaussianNoise])
@pytest.mark.parametrize("value", [0.0, -0.1, float("inf"), float("nan")])
def test_noise_must_be_positive_and_finite(make, value):
    with pytest.raises(ComponentError, match=f"must be a finite number > 0, got {value}"):
        make(value)
