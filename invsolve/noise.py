"""Noise of an observation: how it is drawn, and how likely a residual is."""

import abc
import math
from typing import ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.randomness import Randomness


def positive(_: object, field: "attrs.Attribute[float]", value: float) -> None:
    """Validator: a finite number above 0."""
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ComponentError(f"'{field.name}' must be a finite number > 0, got {value!r}.")


class Noise(abc.ABC):
    """The law ``p(y | A(x))`` of an observation ``y`` around its mean ``A(x)``, independent pixel by pixel."""

    references: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """Draw ``y`` given its mean."""

    @abc.abstractmethod
    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """``-log p(y | mean)`` of each batch item, up to a constant that does not depend on `mean`."""

    @abc.abstractmethod
    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The noise std of each pixel given its mean [in units of the observation, 0..1]."""


@final
@attrs.frozen
class GaussianNoise(Noise):
    """``y = A(x) + std n`` with standard normal ``n``; ``-log p = ||y - A(x)||^2 / (2 std^2)``.

    - ``std``: noise standard deviation in [0, 1] units of the observation, positive. 8-bit rounding alone is 0.0011.

    ```python
    GaussianNoise(std=0.01)
    ```
    ```yaml
    noise: {use: gaussian, std: 0.01}
    ```
    """

    std: float = attrs.field(default=0.01, validator=positive)

    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """``mean + std n``."""
        return mean + self.std * rng.normal(mean)

    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """``||y - mean||^2 / (2 std^2)``."""
        return (y - mean).square().flatten(1).sum(1) / (2 * self.std**2)

    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``std`` everywhere."""
        return torch.full_like(mean, self.std)


@final
@attrs.frozen
class PoissonNoise(Noise):
    """Photon noise: ``y = gain k``, ``k ~ Poisson(A(x) / gain)``.

    - ``gain``: value of one photon in [0, 1] units, positive: a full pixel of 1,000 photons has gain 0.001.

    ``-log p = sum A(x) / gain - (y / gain) log A(x)`` up to a constant; means below `floor` count as `floor`, since no
    photon can come from a black pixel but a sampler may pass through negative values on its way.

    ```python
    PoissonNoise(gain=0.001)
    ```
    ```yaml
    noise: {use: poisson, gain: 0.001}
    ```
    """

    gain: float = attrs.field(default=0.001, validator=positive)
    floor: float = attrs.field(default=1e-4, validator=positive)

    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """``gain Poisson(max(mean, 0) / gain)``."""
        return self.gain * rng.poisson(mean.clamp_min(0.0) / self.gain)

    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """``sum (mean - y log mean) / gain``."""
        rate = mean.clamp_min(self.floor)
        return ((rate - y * rate.log()) / self.gain).flatten(1).sum(1)

    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``sqrt(gain mean)``."""
        return (self.gain * mean.clamp_min(self.floor)).sqrt()


@final
@attrs.frozen
class PoissonGaussianNoise(Noise):
    """Photon and read noise: ``y = gain k + std n``, ``k ~ Poisson(A(x) / gain)``.

    The likelihood is the usual Gaussian of matched variance, ``v = gain A(x) + std^2``:
    ``-log p = sum (y - A(x))^2 / (2 v) + log(v) / 2``.

    - ``gain``: value of one photon in [0, 1] units, positive.
    - ``std``: read noise in [0, 1] units, positive.

    **Source:** Foi, Trimeche, Katkovnik and Egiazarian 2008, eq. 6, the heteroscedastic approximation.

    ```python
    PoissonGaussianNoise(gain=0.001, std=0.005)
    ```
    ```yaml
    noise: {use: poisson_gaussian, gain: 0.001, std: 0.005}
    ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{foi2008practical,\n"
        "  title = {Practical Poissonian-Gaussian noise modeling and fitting for single-image raw-data},\n"
        "  author = {Foi, Alessandro and Trimeche, Mejdi and Katkovnik, Vladimir and Egiazarian, Karen},\n"
        "  journal = {IEEE Transactions on Image Processing},\n  volume = {17},\n  number = {10},\n  year = {2008}\n}",
    )

    gain: float = attrs.field(default=0.001, validator=positive)
    std: float = attrs.field(default=0.005, validator=positive)

    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """``gain Poisson(max(mean, 0) / gain) + std n``."""
        return self.gain * rng.poisson(mean.clamp_min(0.0) / self.gain) + self.std * rng.normal(mean)

    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """``sum (y - mean)^2 / (2 v) + log(v) / 2`` with ``v = gain max(mean, 0) + std^2``."""
        variance = self.gain * mean.clamp_min(0.0) + self.std**2
        return ((y - mean).square() / (2 * variance) + variance.log() / 2).flatten(1).sum(1)

    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``sqrt(gain mean + std^2)``."""
        return (self.gain * mean.clamp_min(0.0) + self.std**2).sqrt()
