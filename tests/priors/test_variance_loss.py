"""The bound that trains a learned variance, against torch's own divergences."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from invsolve.schedule import CLEAN, DiscreteSchedule
from invsolve_priors.training.diffusion.variance import variance_loss

LEVELS = DiscreteSchedule().levels(1000)
SHAPE = (1, 2, 1, 2, 2)


def draws(seed):
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("step", [0, 500, 998])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_it_is_the_divergence_of_the_two_steps(step, fraction):
    level, target = LEVELS[step], LEVELS[step + 1]
    z0, found, z = draws(0), draws(0) + 0.1 * draws(1), draws(2)
    alpha = (level.a / target.a) ** 2
    smallest = (1 - alpha) * target.s**2 / level.s**2
    keep = math.sqrt(alpha) * target.s**2 / level.s**2
    gain = target.a * (1 - alpha) / level.s**2
    variance = (1 - alpha) ** fraction * smallest ** (1 - fraction)
    true = Normal(gain * z0 + keep * z, math.sqrt(smallest))
    model = Normal(gain * found + keep * z, math.sqrt(variance))
    expected = kl_divergence(true, model).mean()
    loss = variance_loss(z0, found, torch.full(SHAPE, fraction, dtype=torch.float64), ((level, target),))
    torch.testing.assert_close(loss[0], expected, rtol=1e-9, atol=1e-12)


def test_the_last_step_is_a_likelihood():
    level = LEVELS[999]
    assert LEVELS[1000] == CLEAN
    z0, found = draws(0), draws(0) + 0.01 * draws(1)
    beta = 1 - level.a**2
    expected = -Normal(found, math.sqrt(beta)).log_prob(z0).mean()
    loss = variance_loss(z0, found, torch.ones(SHAPE, dtype=torch.float64), ((level, CLEAN),))
    torch.testing.assert_close(loss[0], expected, rtol=1e-9, atol=1e-12)


def test_the_mean_gets_no_gradient_and_the_variance_does():
    found, fraction = draws(1).requires_grad_(), torch.full(SHAPE, 0.5, dtype=torch.float64).requires_grad_()
    variance_loss(draws(0), found, fraction, ((LEVELS[500], LEVELS[501]),)).sum().backward()
    assert found.grad is None
    assert bool((fraction.grad != 0).all())


def test_the_best_fraction_is_small_where_the_estimate_is_exact():
    z0 = draws(0)
    losses = [
        float(variance_loss(z0, z0, torch.full(SHAPE, f, dtype=torch.float64), ((LEVELS[990], LEVELS[991]),)))
        for f in (0.0, 0.5, 1.0)
    ]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(0.0, abs=1e-12)
