"""`PoissonGaussianNoise`: photon noise and read noise."""

from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.noise.noise import Noise
from invsolve.randomness import Randomness
from invsolve.validators import number


@final
@attrs.frozen
class PoissonGaussianNoise(Noise):
    """Photon and read noise: ``y = gain k + std n``, ``k ~ Poisson(A(x) / gain)``.

    The likelihood is the usual Gaussian of matched variance, ``v = gain A(x) + std^2``:
    ``-log p = sum (y - A(x))^2 / (2 v) + log(v) / 2``.

    Attributes:
        gain: value of one photon in [0, 1] units, positive.
        std: read noise in [0, 1] units, positive.

    References:
        Foi, Trimeche, Katkovnik and Egiazarian 2008, eq. 6, the heteroscedastic approximation.

    Examples:
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

    gain: float = attrs.field(default=0.001, validator=number(above=0.0))
    std: float = attrs.field(default=0.005, validator=number(above=0.0))

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
