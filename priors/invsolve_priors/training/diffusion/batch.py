"""`Batch`: latents to be found, and what the network is told of them."""

from typing import final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.training import numbers
from invsolve.training.exposures import draw_exposures
from invsolve_priors.training.diffusion.condition import Condition
from invsolve_priors.training.diffusion.conditioning import Conditioning
from invsolve_priors.training.diffusion.latents import LatentPool


@final
@attrs.frozen(eq=False)
class Batch:
    """True latents, and what is told of them; None for a network without a condition."""

    z0: Float[Tensor, "b z t h w"]
    conditioning: Conditioning | None = None

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        told = self.conditioning
        if told is not None:
            told = attrs.evolve(
                told,
                observed=told.observed.to(device),
                intervals=None if told.intervals is None else told.intervals.to(device),
            )
        return Batch(self.z0.to(device), told)


@final
@attrs.frozen(eq=False)
class Observer:
    """Makes the batches of a condition from true clips and their latents.

    Attributes:
        count: clips of the whole batch, which several processes share.
    """

    condition: Condition
    latents: LatentPool
    count: int

    def batch(
        self,
        clips: Float[Tensor, "b c t h w"],
        z0: Float[Tensor, "b z t hz wz"],
        recorded: Float[Tensor, "b c2 t2 h2 w2"] | None,
        seed: int,
        purpose: str,
        step: int,
        mine: slice,
    ) -> Batch:
        """Observe the rows `mine` of a batch; every draw depends on the seed, the purpose, the step and the row.

        Args:
            recorded: what the reader observed of these clips, for a condition that takes it.
        """
        rows = range(self.count)[mine]
        condition = self.condition
        if not condition.exposures:
            if condition.source == "recorded":
                assert recorded is not None
                observed = self.latents.encode(recorded)
            else:
                observed = self._encoded(clips, seed, purpose, step, rows)
            ends = torch.arange(z0.shape[2] + 1, dtype=torch.float64) / z0.shape[2] - 0.5
            intervals = torch.stack([ends[:-1], ends[1:]], 1).expand(len(z0), -1, -1)
            return Batch(z0, Conditioning(observed, condition.enters, intervals))
        rng = numbers(seed, f"{purpose} exposures", step)
        drawn = draw_exposures(condition.exposures, rng, self.count, z0.shape[2]).rows(mine)
        picture = torch.einsum("bcthw,bt->bchw", clips, drawn.weights.to(clips))[:, :, None]
        observed = self._encoded(picture, seed, purpose, step, rows)
        shown = drawn.frames[:, None, :, None, None].expand(-1, z0.shape[1], -1, *z0.shape[3:])
        return Batch(z0.gather(2, shown), Conditioning(observed, condition.enters, drawn.intervals))

    def dropped(self, batch: Batch, seed: int, step: int, mine: slice) -> Batch:
        """The batch with the observations of some clips replaced by zeros."""
        told = batch.conditioning
        assert told is not None
        chance = numbers(seed, "drop", step).random(self.count)[mine]
        kept = torch.from_numpy((chance >= self.condition.drop).astype(np.float32)).to(told.observed)
        return Batch(batch.z0, told.with_observed(told.observed * kept.view(-1, 1, 1, 1, 1)))

    def _encoded(self, mean: Tensor, seed: int, purpose: str, step: int, rows: range) -> Tensor:
        return self.latents.encode(self.condition.observe(mean, seed, f"{purpose} noise", step, rows))
