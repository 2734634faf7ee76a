"""`SharedNoise`: normal numbers that the frames of a video have in part in common."""

import math
from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.randomness import Randomness


@final
@attrs.frozen(eq=False)
class SharedNoise(Randomness):
    """``n_t = sqrt(rho) n_0 + sqrt(1 - rho) n'_t``: standard normal, with correlation ``rho`` between frames.

    Attributes:
        source: where the numbers come from.
        correlation: ``rho`` in [0, 1].
    """

    source: Randomness
    correlation: float

    def normal(self, like: Tensor) -> Tensor:
        """One draw for all frames ``b c t h w``, mixed with one for each."""
        shared, own = math.sqrt(self.correlation), math.sqrt(1 - self.correlation)
        if shared == 0:
            return self.source.normal(like)
        common = shared * self.source.normal(like[:, :, :1]).expand_as(like)
        return common if own == 0 else torch.add(common, self.source.normal(like), alpha=own)

    def uniform(self, like: Tensor) -> Tensor:
        """The source's, independent for each frame."""
        return self.source.uniform(like)

    def poisson(self, rate: Tensor) -> Tensor:
        """The source's, independent for each frame."""
        return self.source.poisson(rate)

    def at(self, step: int) -> "SharedNoise":
        """The same mixture at another step."""
        return SharedNoise(self.source.at(step), self.correlation)
