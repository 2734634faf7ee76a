"""Every closed-form prior obeys every law of the kit."""

import torch

from invsolve import EDMSchedule, FlowSchedule, Prior, VPSchedule
from invsolve.testing import PriorChecks, Sizes
from invsolve_priors import Gaussian, GaussianMixture, SpectralGaussian

SHAPE = (2, 2, 1, 3)
ONE_SHAPE = Sizes(channels=(2,), frames=(2,), height=(1,), width=(3,), slack=(0,))


def covariance(seed: int, scale: float = 1.0) -> torch.Tensor:
    factor = torch.randn(12, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return scale * (factor @ factor.T / 12 + 0.1 * torch.eye(12, dtype=torch.float64))


def mean(seed: int) -> torch.Tensor:
    return torch.randn(SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


class TestGaussian(PriorChecks):
    sizes = ONE_SHAPE

    def make(self) -> Prior:
        return Gaussian(mean(0), covariance(1))


class TestGaussianFlow(PriorChecks):
    sizes = ONE_SHAPE

    def make(self) -> Prior:
        return Gaussian(mean(0), covariance(1), schedule=FlowSchedule())


class TestGaussianMixture(PriorChecks):
    sizes = ONE_SHAPE

    def make(self) -> Prior:
        means = torch.stack([mean(0), mean(1), mean(2)])
        return GaussianMixture([0.5, 0.2, 0.3], means, torch.stack([covariance(k, 0.2) for k in range(3)]))


class TestSpectralGaussian(PriorChecks):
    def make(self) -> Prior:
        return SpectralGaussian()


class TestSpectralGaussianRough(PriorChecks):
    sizes = Sizes(channels=(1, 2), frames=(1, 4), height=(5, 4), width=(4, 7, 1), slack=(0,))

    def make(self) -> Prior:
        return SpectralGaussian(
            spatial_exponent=1.0,
            cutoff=0.2,
            temporal_exponent=3.0,
            speed=2.0,
            channel_correlation=0.0,
            schedule=VPSchedule(),
        )


class TestSpectralGaussianEDM(PriorChecks):
    def make(self) -> Prior:
        return SpectralGaussian(schedule=EDMSchedule())
