"""`CheckedConditional`: a prior's law given an observation, whose mean and draws are looked at."""

from typing import final

import attrs
import torch

from invsolve.parts import Part
from invsolve.prior.conditional import Conditional
from invsolve.randomness import Randomness
from invsolve.returned import check_tensor
from invsolve.video.axes import Latent


@final
@attrs.frozen(eq=False)
class CheckedConditional(Conditional):
    """The law that `prior` returned from ``conditional``; raises `BrokenPlugin` for latents of another shape or type.

    Attributes:
        law: what it returned.
        prior: who is named.
        shape: of a batch of latents, ``b zc zt zh zw``.
        dtype: of the latents.
    """

    law: Conditional
    prior: Part
    shape: tuple[int, ...]
    dtype: torch.dtype

    @property
    def mean(self) -> Latent:
        """That of the law."""
        mean = self.law.mean
        check_tensor(self.prior, "conditional", mean, self.shape, self.dtype, "a law with the mean ")
        return mean

    def sample(self, rng: Randomness) -> Latent:
        """A draw of the law."""
        drawn = self.law.sample(rng)
        check_tensor(self.prior, "conditional", drawn, self.shape, self.dtype, "a law with the draw ")
        return drawn
