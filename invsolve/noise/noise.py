"""Abstract `Noise`: how an observation scatters around its mean, and how likely it is."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.parts import Part
from invsolve.randomness import Randomness


class Noise(Part):
    """The law ``p(y | A(x))`` of an observation ``y`` around its mean ``A(x)``, independent pixel by pixel.

    Values are in units of the observation, [0, 1]; a mean may leave that range. The methods raise
    `SpaceError` for a mean whose frames the noise does not fit, and nothing else.
    """

    @abc.abstractmethod
    def sample(self, mean: Float[Tensor, "b c t h w"], rng: Randomness) -> Float[Tensor, "b c t h w"]:
        """Draw ``y`` given its mean: a new tensor, from `rng` alone."""

    @abc.abstractmethod
    def negative_log_likelihood(
        self, y: Float[Tensor, "b c t h w"], mean: Float[Tensor, "b c t h w"]
    ) -> Float[Tensor, " b"]:
        """``-log p(y | mean)`` of each batch item, up to a constant that does not depend on `mean`."""

    @abc.abstractmethod
    def standard_deviation(self, mean: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The noise std of each pixel given its mean [in units of the observation, 0..1]."""
