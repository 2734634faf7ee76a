"""Noise that a rule is told is larger or smaller than it is: the one scale that calibration sets."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.noise import GaussianNoise, Noise
from invsolve.randomness import Randomness
from invsolve.validators import instance, number


def scaled(noise: Noise, factor: float) -> Noise:
    """`noise` with `factor` times its standard deviation; Gaussian noise stays Gaussian."""
    if isinstance(noise, GaussianNoise):
        return GaussianNoise(noise.std * factor)
    return ScaledNoise(noise, factor)


@final
@attrs.frozen
class ScaledNoise(Noise):
    """``y = A(x) + f n`` for noise ``A(x) + n`` of another law: std times ``f``, ``-log p`` over ``f^2``.

    Attributes:
        noise: the law.
        factor: ``f``, positive.
    """

    noise: Noise = attrs.field(validator=instance(Noise))
    factor: float = attrs.field(validator=number(above=0.0))

    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """``mean + f (y - mean)`` with ``y`` drawn from the law."""
        return mean + self.factor * (self.noise.sample(mean, rng) - mean)

    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """That of the law, over ``f^2``: its curvature falls as that of a wider law would."""
        return self.noise.negative_log_likelihood(y, mean) / self.factor**2

    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``f`` times that of the law."""
        return self.factor * self.noise.standard_deviation(mean)
