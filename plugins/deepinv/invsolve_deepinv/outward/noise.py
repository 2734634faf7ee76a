"""`as_noise_model`: a law of noise as deepinv's."""

from typing import Any

from invsolve.errors import CapabilityError
from invsolve.noise import GaussianNoise, Noise, PoissonGaussianNoise, PoissonNoise
from invsolve_deepinv.library import library


def as_noise_model(noise: Noise) -> Any:
    """A ``deepinv.physics.NoiseModel`` of the same law; photons of a negative mean are none, as here.

    Raises:
        CapabilityError: for laws that deepinv does not have.
    """
    models = library().physics
    if isinstance(noise, GaussianNoise):
        return models.GaussianNoise(sigma=noise.std)
    if isinstance(noise, PoissonNoise):
        return models.PoissonNoise(gain=noise.gain, normalize=True, clip_positive=True)
    if isinstance(noise, PoissonGaussianNoise):
        return models.PoissonGaussianNoise(gain=noise.gain, sigma=noise.std, clip_positive=True)
    raise CapabilityError(f"deepinv has no noise model for {noise}; Gaussian, Poisson and both together it has.")
