"""Noise: the law of an observation around its mean."""

from invsolve.noise.gaussian import GaussianNoise as GaussianNoise
from invsolve.noise.noise import Noise as Noise
from invsolve.noise.poisson import PoissonNoise as PoissonNoise
from invsolve.noise.poisson_gaussian import PoissonGaussianNoise as PoissonGaussianNoise
