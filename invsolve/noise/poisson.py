"""`PoissonNoise`: photon noise."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.noise.noise import Noise
from invsolve.randomness import Randomness
from invsolve.validators import number


@final
@attrs.frozen
class PoissonNoise(Noise):
    """Photon noise: ``y = gain k``, ``k ~ Poisson(A(x) / gain)``.

    ``-log p = sum A(x) / gain - (y / gain) log A(x)`` up to a constant.

    Attributes:
        gain: value of one photon in [0, 1] units, positive: a full pixel of 1,000 photons has gain 0.001.
        floor: means below this count as this, positive: no photon can come from a black pixel, but a sampler may pass
            through negative values on its way.

    Examples:
        ```python
        PoissonNoise(gain=0.001)
        ```

        ```yaml
        noise: {use: poisson, gain: 0.001}
        ```
    """

    gain: float = attrs.field(default=0.001, validator=number(above=0.0))
    floor: float = attrs.field(default=1e-4, validator=number(above=0.0))

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
