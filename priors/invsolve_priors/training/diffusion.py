"""`DiffusionTask`: noise to latents of clips."""

import copy
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast, final

import attrs
import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import ComponentError
from invsolve.schedule import NoiseLevel
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import write_model
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianEstimate
from invsolve_priors.learned.stdit.network import STDiTNetwork
from invsolve_priors.learned.stdit.output import Linear, beside, prediction_of, target_of
from invsolve_priors.training.latents import LatentPool
from invsolve_priors.training.processes import Part
from invsolve_priors.training.randomness import generator, numbers
from invsolve_priors.training.task import Task, device_of
from invsolve_priors.training.variance import variance_loss

Weighting = Literal["uniform", "min_snr"]
MIN_SNR = 5.0
MEASURED = tuple((i + 0.5) / 8 for i in range(8))  # where in the schedule's time it is measured


@final
@attrs.frozen(kw_only=True, eq=False)
class DiffusionTask(Task):
    """``mean w (f(a z0 + s eps, time) - target)^2`` over clips, levels and noise.

    - ``card``: the transformer's sizes, its output and its schedule. ``data``, ``validation``: latents.
    - ``batch``: clips a step. Their levels are spread evenly over a step: place ``u_i = (i + u) / batch`` with one
      random ``u``, taken to the share ``u_i ** time_power`` of the schedule, so that a power above 1 shows more of the
      less noisy levels.
    - ``weighting``: ``uniform`` in what the network says, or ``min_snr``: ``min(SNR, 5) / (SNR + 1)`` (for ``v``).
    - ``reverse``: half of the clips run backwards.
    - ``gaussian``: the linear estimate that a transformer with the output ``residual`` corrects.
    - ``start``: a transformer to go on from.

    A transformer with a learned variance gets `variance_loss` on top.

    **Source:** Hang et al. 2023, eq. 9 (min-SNR weighting, carried over to v).
    """

    card: ModelCard
    autoencoder: Autoencoder
    data: LatentPool
    validation: Float[Tensor, "b z t h w"]
    batch: int = 24
    time_power: float = 1.5
    weighting: Weighting = "uniform"
    reverse: bool = True
    gaussian: GaussianEstimate | None = None
    start: STDiTNetwork | None = None

    def network(self, seed: int) -> nn.Module:
        """A new transformer, or a copy of the one to start from."""
        if self.start is not None:
            return copy.deepcopy(self.start).train().requires_grad_(True)
        if self.card.denoiser is None:
            raise ComponentError("training a transformer needs its sizes on the card.")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return STDiTNetwork(self.card.denoiser)

    def loss(self, network: nn.Module, seed: int, step: int, part: Part) -> Float[Tensor, ""]:
        """The weighted error of a part of a batch."""
        rng = numbers(seed, "latents", step)
        mine = part.rows(self.batch)
        z0 = self.data[rng.integers(0, self.data.clips.available(step), self.batch)[mine]]
        if self.reverse:
            backwards = torch.from_numpy((rng.random(self.batch) < 0.5)[mine])[:, None, None, None, None]
            z0 = torch.where(backwards, z0.flip(2), z0)
        shares = ((np.arange(self.batch) + rng.random()) / self.batch) ** self.time_power
        levels = self._levels(shares[mine])
        device = device_of(network)
        eps = torch.randn((self.batch, *z0.shape[1:]), generator=generator(seed, "noise", step))[mine].to(device)
        z0 = z0.to(device)
        error, says = self._error(network, z0, eps, [level for level, _ in levels])
        if self.weighting == "min_snr":
            snr = torch.tensor([(level.a / level.s) ** 2 for level, _ in levels], device=device)
            error = error * snr.clamp_max(MIN_SNR) / (snr + 1)
        if says.shape[1] > z0.shape[1]:
            error = error + self._variance_loss(z0, eps, says, levels)
        return error.mean()

    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """The unweighted error at eight levels, and its mean."""
        errors = {}
        device = device_of(network)
        for share in MEASURED:
            eps = torch.randn(self.validation.shape, generator=generator(0, "validation", 0))
            ((level, _),) = self._levels(np.array([share]))
            parts = zip(torch.split(self.validation, 16), torch.split(eps, 16), strict=True)
            found = [self._error(network, z0.to(device), noise.to(device), [level] * len(z0))[0] for z0, noise in parts]
            errors[f"error_{share:.2f}"] = float(torch.cat(found).mean())
        return {"error": sum(errors.values()) / len(errors), **errors}

    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """Four samples, 40 deterministic steps each: one a row, frames side by side."""
        z = torch.randn((4, *self.validation.shape[1:]), generator=generator(0, "sheet", 0)).to(device_of(network))
        levels = self.card.schedule.levels(40)
        for level, target in pairwise(levels):
            says, linear = self._answer(network, z, *(z.new_full((len(z),), x) for x in (level.a, level.s, level.time)))
            prediction = prediction_of(self.card, z, says, level, linear)
            z = target.a * prediction.z0 + target.s * prediction.eps
        video = self.autoencoder.decode(z.to(device_of(self.autoencoder))).float().cpu()
        return rearrange(video, "b c t h w -> c (b h) (t w)").clamp(0, 1)

    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write the transformer and the autoencoder it lives behind, in one file."""
        card = attrs.evolve(self.card, facts={**self.card.facts, **facts})
        networks = {"denoiser": network, "autoencoder": self.autoencoder}
        write_model(path, card, networks if self.gaussian is None else {**networks, "gaussian": self.gaussian})

    @cached_property
    def _table(self) -> tuple[NoiseLevel, ...]:
        """A thousand levels from the clean end, which is the first, to the noisy one."""
        return tuple(reversed(self.card.schedule.levels(1000)))

    def _levels(self, shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[tuple[NoiseLevel, NoiseLevel]]:
        """For each share its level and the next less noisy one."""
        places = [min(int(share * 1000), 999) for share in shares]
        return [(self._table[place + 1], self._table[place]) for place in places]

    def _error(self, network: nn.Module, z0: Tensor, eps: Tensor, levels: list[NoiseLevel]) -> tuple[Tensor, Tensor]:
        """Mean squared error of what the network says, for each clip, and all it says."""
        a, s, time = (
            torch.tensor([getattr(level, name) for level in levels], device=z0.device) for name in ("a", "s", "time")
        )
        wide_a, wide_s = (each.view(-1, 1, 1, 1, 1) for each in (a, s))
        says, linear = self._answer(network, wide_a * z0 + wide_s * eps, a, s, time)
        wanted = target_of(self.card.output, z0, eps, wide_a, wide_s, linear)
        return (says[:, : z0.shape[1]] - wanted).square().mean((1, 2, 3, 4)), says

    def _answer(
        self, network: nn.Module, z: Tensor, a: Tensor, s: Tensor, time: Tensor
    ) -> tuple[Tensor, Linear | None]:
        """What the network says, and the linear estimate that it corrects."""
        linear = None if self.gaussian is None else self.gaussian(z, a, s)
        return cast(STDiTNetwork, network)(z, time, beside(None, linear)).float(), linear

    def _variance_loss(
        self, z0: Tensor, eps: Tensor, says: Tensor, levels: list[tuple[NoiseLevel, NoiseLevel]]
    ) -> Tensor:
        """The variational bound's part, for networks that say a variance as well."""
        found, fractions = [], []
        for i, (level, _) in enumerate(levels):
            z = level.a * z0[i : i + 1] + level.s * eps[i : i + 1]
            linear = (
                None if self.gaussian is None else self.gaussian(z, *(z.new_tensor([x]) for x in (level.a, level.s)))
            )
            prediction = prediction_of(self.card, z, says[i : i + 1], level, linear)
            found.append(prediction.z0)
            fractions.append((says[i : i + 1, z.shape[1] :] + 1) / 2)
        return variance_loss(z0, torch.cat(found), torch.cat(fractions), tuple(levels))
