"""`MixtureConditional`: a mixture of normal laws of the latent."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.prior.conditional import Conditional
from invsolve.randomness import Randomness
from invsolve_priors.dense.gaussian_conditional import GaussianConditional


@final
@attrs.frozen(eq=False)
class MixtureConditional(Conditional):
    """``z0 ~ sum_k pi_k N(m_k, C_k)``.

    Attributes:
        responsibilities: ``pi``, ``b k``, each row sums to 1.
        components: ``k`` normal laws of ``b`` latents.
    """

    responsibilities: Tensor
    components: tuple[GaussianConditional, ...]

    @property
    def mean(self) -> Tensor:
        """``sum_k pi_k m_k``."""
        return weighted(self.responsibilities, [component.mean for component in self.components])

    def sample(self, rng: Randomness) -> Tensor:
        """Two draws: a uniform number chooses the component, normal ones the point in it."""
        chosen = rng.uniform(self.responsibilities[:, :1])
        normal = rng.normal(self.components[0].mean)
        index = (chosen >= self.responsibilities.cumsum(1)).sum(1).clamp_max(len(self.components) - 1)
        points = torch.stack([component.at(normal) for component in self.components])
        return points[index, torch.arange(len(index), device=index.device)]


def weighted(weights: Tensor, values: list[Tensor]) -> Tensor:
    """``sum_k w_k v_k`` of weights ``b k`` and ``k`` tensors ``b ...``."""
    return torch.einsum("bk,kb...->b...", weights, torch.stack(values))
