"""Two small problems whose posterior is known, and the sampler that is exact at any number of steps."""

from typing import Any, final

import attrs
import torch

import invsolve as iv
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian, GaussianMixture
from invsolve_samplers import Diffusion, ExactGuidance, ExactKernel

FRAMES = 4
EXACT = Diffusion(kernel=ExactKernel(), guidance=ExactGuidance(), steps=2)


def covariance():
    """Frames of unit variance, each correlated by 0.9 with the next."""
    places = torch.arange(FRAMES, dtype=torch.float64)
    return 0.9 ** (places[:, None] - places).abs()


def means():
    """A pixel that brightens, and one that darkens."""
    ramp = 1.1 * torch.linspace(-1, 1, FRAMES, dtype=torch.float64).reshape(1, FRAMES, 1, 1)
    return torch.stack([0.2 + ramp, -0.2 - ramp])


def gaussian_prior():
    return Gaussian(mean=torch.zeros(1, FRAMES, 1, 1).numpy(), covariance=covariance().numpy())


def mixture_prior():
    both = torch.stack([0.3 * torch.eye(FRAMES), 0.5 * torch.eye(FRAMES)])
    return GaussianMixture(weights=(0.6, 0.4), means=means().numpy(), covariances=both.numpy())


def averaged(prior, noise=0.1, dtype=torch.float32):
    """The mean of the frames, with noise; the observation is of no interest."""
    nothing = torch.zeros(1, 1, 1, 1, 1, dtype=dtype)
    return iv.Problem(TemporalAverage(frames=FRAMES), nothing, prior, iv.GaussianNoise(std=noise))


@final
@attrs.frozen
class Overconfident(iv.Sampler[Any]):
    """Another sampler that is told a fifth of the noise there is."""

    sampler: iv.Sampler[Any]

    @property
    def steps(self):
        return self.sampler.steps

    def init(self, problem, rng):
        return self.sampler.init(self._told(problem), rng)

    def step(self, problem, state, i, rng):
        return self.sampler.step(self._told(problem), state, i, rng)

    def estimate(self, problem, state):
        return self.sampler.estimate(self._told(problem), state)

    def _told(self, problem):
        return attrs.evolve(problem, noise=iv.GaussianNoise(std=problem.noise_std / 5))
