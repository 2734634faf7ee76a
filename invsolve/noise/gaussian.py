"""`GaussianNoise`: white Gaussian noise."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.noise.noise import Noise
from invsolve.randomness import Randomness
from invsolve.validators import number


@final
@attrs.frozen
class GaussianNoise(Noise):
    """``y = A(x) + std n`` with standard normal ``n``; ``-log p = ||y - A(x)||^2 / (2 std^2)``.

    Attributes:
        std: noise standard deviation in [0, 1] units of the observation, positive. 8-bit rounding alone is 0.0011.

    Examples:
        ```python
        GaussianNoise(std=0.01)
        ```

        ```yaml
        noise: {use: gaussian, std: 0.01}
        ```
    """

    std: float = attrs.field(default=0.01, validator=number(above=0.0))

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
