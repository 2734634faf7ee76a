"""`Validation`: clips, noise and observations that are the same whenever a network is measured."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.schedule import NoiseLevel
from invsolve.training import generator
from invsolve_priors.training.diffusion.batch import Batch, Observer
from invsolve_priors.training.diffusion.condition import Condition
from invsolve_priors.training.diffusion.latents import LatentPool

MEASURED: Final = tuple((i + 0.5) / 8 for i in range(8))  # where in the schedule's time it is measured
AT_ONCE: Final = 8  # clips, which share one mode of exposure

Errors = Callable[[Batch, Tensor, NoiseLevel], Float[Tensor, " b"]]


@final
@attrs.frozen(eq=False)
class Validation:
    """Batches kept apart.

    Attributes:
        batches: with their observations.
        table: the schedule's thousand levels from the clean end.
    """

    batches: tuple[Batch, ...]
    table: tuple[NoiseLevel, ...]

    @classmethod
    def of(
        cls,
        clips: Float[Tensor, "b c t h w"],
        recorded: Float[Tensor, "b c2 t2 h2 w2"] | None,
        latents: LatentPool,
        condition: Condition | None,
        table: tuple[NoiseLevel, ...],
    ) -> "Validation":
        """Encode `clips`, and observe them under `condition` with the seed 0."""
        batches = []
        seen = [None] * len(clips) if recorded is None else torch.split(recorded, AT_ONCE)
        for number, (part, observed) in enumerate(zip(torch.split(clips, AT_ONCE), seen, strict=False)):
            z0 = latents.encode(part)
            if condition is None:
                batches.append(Batch(z0))
                continue
            observer = Observer(condition, latents, len(part))
            batches.append(observer.batch(part, z0, observed, 0, "validation", number, slice(None)))
        return cls(tuple(batches), table)

    @property
    def shown(self) -> Batch:
        """Four clips to make a picture of: of the batch with the most frames."""
        longest = max(self.batches, key=lambda batch: batch.z0.shape[2])
        told = longest.conditioning
        if told is not None:
            intervals = None if told.intervals is None else told.intervals[:4]
            told = attrs.evolve(told, observed=told.observed[:4], intervals=intervals)
        return Batch(longest.z0[:4], told)

    def measure(self, errors: Errors) -> Mapping[str, float]:
        """The error at eight levels and its mean; with a condition also under another clip's observation, and none."""
        measured = self._by_level(errors, self.batches)
        found = {"error": _mean(measured), **measured}
        if self.batches[0].conditioning is None:
            return found
        for name, batches in (("shuffled", self._shuffled), ("none", self._without)):
            found[f"error_{name}"] = _mean(self._by_level(errors, batches))
        return found

    def _by_level(self, errors: Errors, batches: tuple[Batch, ...]) -> dict[str, float]:
        measured = {}
        for share in MEASURED:
            level = self.table[min(int(share * 1000), 999) + 1]
            found = [errors(batch, eps, level) for batch, eps in zip(batches, self._noise, strict=True)]
            measured[f"error_{share:.2f}"] = float(torch.cat(found).mean())
        return measured

    @cached_property
    def _noise(self) -> tuple[Tensor, ...]:
        stream = generator(0, "validation", 0)
        return tuple(torch.randn(batch.z0.shape, generator=stream) for batch in self.batches)

    @property
    def _shuffled(self) -> tuple[Batch, ...]:
        return tuple(
            Batch(batch.z0, told.with_observed(told.observed.roll(1, 0)))
            for batch in self.batches
            if (told := batch.conditioning) is not None
        )

    @property
    def _without(self) -> tuple[Batch, ...]:
        return tuple(
            Batch(batch.z0, told.with_observed(torch.zeros_like(told.observed)))
            for batch in self.batches
            if (told := batch.conditioning) is not None
        )


def _mean(measured: Mapping[str, float]) -> float:
    return sum(measured.values()) / len(measured)
