"""`Conditioning`: what a network is told of a batch of clips besides their noisy latents."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.prior.interval_encoding import encode_intervals
from invsolve_priors.learned.model_card import Entrance
from invsolve_priors.learned.stdit.network import STDiTNetwork


@final
@attrs.frozen(eq=False)
class Conditioning:
    """The latent of each clip's observation, as it enters a network.

    Attributes:
        observed: one latent frame for ``enters: frame``, else as many as the clip has.
        intervals: start and end of each frame's exposure, for ``enters: frame``.
    """

    observed: Float[Tensor, "b z m h w"]
    enters: Entrance
    intervals: Float[Tensor, "b t 2"] | None = None

    def output(
        self, network: STDiTNetwork, z: Float[Tensor, "b z t h w"], time: Float[Tensor, " b"]
    ) -> Float[Tensor, "b o t h w"]:
        """The network's output for the noisy latents, without that for an observed frame."""
        observed = self.observed.to(z)
        output: Tensor
        if self.enters == "channels":
            output = network(z, time, observed)
        elif self.enters == "vector":
            output = network(z, time, observed.mean((3, 4)).transpose(1, 2))
        else:
            numbers = self._numbers(z) if network.configuration.frame_numbers else None
            output = network(torch.cat([observed, z], 2), time, numbers)[:, :, 1:]
        return output

    def with_observed(self, observed: Tensor) -> "Conditioning":
        """The same with other observations: of other clips, or zeros for none."""
        return attrs.evolve(self, observed=observed)

    def _numbers(self, like: Tensor) -> Float[Tensor, "b m v"]:
        assert self.intervals is not None
        picture = self.intervals.new_tensor([-0.5, 0.5]).expand(len(like), 1, 2)
        rows = torch.cat([picture, self.intervals], 1)
        return encode_intervals(rows.flatten(0, 1)).reshape(*rows.shape[:2], -1).to(like)
