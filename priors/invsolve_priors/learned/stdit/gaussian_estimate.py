"""`GaussianEstimate`: the best linear denoiser, which a transformer may be asked to correct."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.validators import whole


@final
@attrs.frozen
class GaussianConfiguration:
    """Sizes of a `GaussianEstimate`: the latent's shape ``z t h w`` and how many principal axes are kept."""

    shape: tuple[int, int, int, int]
    rank: int = attrs.field(validator=whole(least=1))


@final
class GaussianEstimate(nn.Module):
    """``E[z0 | a z0 + s eps]`` and its spread under ``z0 ~ N(mean, U diag(v - r) U^T + r I)``.

    With the offset ``d = z - a mean`` from the mean and gains ``g(v) = a v / (a^2 v + s^2)``::

        estimate = mean + g(r) d + U (g(v) - g(r)) U^T d
        spread^2 = mean over the axes of  s^2 v / (a^2 v + s^2)

    References:
        Tipping and Bishop 1999 (probabilistic principal components).
    """

    def __init__(self, configuration: GaussianConfiguration) -> None:
        super().__init__()
        size = torch.Size(configuration.shape).numel()
        self.configuration = configuration
        self.mean: Tensor
        self.axes: Tensor
        self.variances: Tensor
        self.rest: Tensor
        self.register_buffer("mean", torch.zeros(configuration.shape))
        self.register_buffer("axes", torch.zeros(configuration.rank, size))
        self.register_buffer("variances", torch.ones(configuration.rank))
        self.register_buffer("rest", torch.ones(()))

    @torch.no_grad()
    def fit(self, clips: Float[Tensor, "n z t h w"]) -> None:
        """Take the moments of `clips` run forwards and backwards, rounded as a model file keeps them."""
        both = torch.cat([clips, clips.flip(2)]).flatten(1)
        self.mean.copy_(both.mean(0).view_as(self.mean).bfloat16())
        both -= self.mean.flatten()
        covariance = (both.T @ both / len(both)).double()
        variances, axes = torch.linalg.eigh(covariance)
        rank = self.configuration.rank
        self.axes.copy_(axes[:, -rank:].T.bfloat16())
        self.variances.copy_(variances[-rank:])
        self.rest.copy_(variances[:-rank].mean())

    def forward(
        self, z: Float[Tensor, "b z t h w"], a: Float[Tensor, " b"], s: Float[Tensor, " b"]
    ) -> tuple[Float[Tensor, "b z t h w"], Float[Tensor, " b"]]:
        """Estimate and spread, for the levels ``a, s`` of each clip, in the precision of `z` (no autocast)."""
        with torch.autocast(z.device.type, enabled=False):
            a, s = a[:, None], s[:, None]
            offset = z.flatten(1) - a * self.mean.flatten()
            outer, inner = (a * v / (a**2 * v + s**2) for v in (self.rest, self.variances))
            estimate = self.mean.flatten() + outer * offset + ((offset @ self.axes.T) * (inner - outer)) @ self.axes
            unseen = offset.shape[1] - self.configuration.rank
            left = (s**2 * self.variances / (a**2 * self.variances + s**2)).sum(1)
            left = left + unseen * (s**2 * self.rest / (a**2 * self.rest + s**2))[:, 0]
            return estimate.view_as(z), (left / offset.shape[1]).sqrt()
