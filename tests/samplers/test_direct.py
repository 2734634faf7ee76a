"""`direct`: draws of the posterior itself, against its closed form in numpy, and refused where there is none."""

import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, PoissonNoise, Problem, solve
from invsolve.errors import CapabilityError
from invsolve.video.space import VideoSpace
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian, SpectralGaussian
from invsolve_samplers import Direct
from tests.samplers.gaussian_oracle import G1

COUNT = 4000


def problem(noise: GaussianNoise | PoissonNoise) -> Problem:
    prior = Gaussian(mean=torch.as_tensor(G1.mu).reshape(1, 4, 1, 1), covariance=torch.as_tensor(G1.C))
    observed = torch.as_tensor(G1.y).reshape(1, 1, 1, 1, 1)
    return Problem(TemporalAverage(frames=4), observed, prior, noise)


def test_mean_and_covariance_are_those_of_the_posterior():
    solution = solve(problem(GaussianNoise(std=G1.sigma)), Direct(), seed=0, samples=COUNT)
    drawn = solution.video.reshape(COUNT, 4).numpy()
    mean, covariance = G1.posterior
    deviation = np.sqrt(np.diag(covariance))
    assert np.abs((drawn.mean(0) - mean) / deviation).max() < 4 / np.sqrt(COUNT)
    scaled = np.cov(drawn, rowvar=False) / np.outer(deviation, deviation)
    assert np.abs(scaled - covariance / np.outer(deviation, deviation)).max() < 4 * np.sqrt(2 / COUNT)
    assert solution.trace["misfit"].shape == (1, COUNT, 1)


def test_a_spectral_prior_explains_the_observation_to_its_noise():
    numbers = torch.Generator().manual_seed(0)
    wave = 0.4 + 0.2 * torch.sin(torch.arange(32, dtype=torch.float64) * 2 * torch.pi / 32)
    observed = wave.expand(1, 1, 1, 32, 32) + 0.1 * torch.randn(1, 1, 1, 32, 32, generator=numbers).double()
    space = VideoSpace(frames=3, height=32, width=32, channels=1)
    smooth = Problem(TemporalAverage(frames=3), observed, SpectralGaussian(), GaussianNoise(std=0.1), space=space)
    solution = solve(smooth, Direct(), seed=0, samples=2)
    assert torch.equal(solution.video[1:], solve(smooth, Direct(), seed=0, samples=[1]).video)
    assert 0.7 < float(solution.chi_square.mean()) < 1.3


def test_without_a_closed_form_it_is_refused():
    with pytest.raises(CapabilityError, match=r"[Gg]aussian"):
        solve(problem(PoissonNoise(gain=0.01)), Direct(), seed=0)
