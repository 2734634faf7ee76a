"""`DiffusionTask`: noise to latents of clips."""

import copy
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final, cast, final

import attrs
import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.schedule import NoiseLevel
from invsolve.training import Shard, Task, device_of_network, generator, numbers
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import write_model
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianEstimate
from invsolve_priors.learned.stdit.network import STDiTNetwork
from invsolve_priors.learned.stdit.output import Linear, conditioning_channels, prediction_of, target_of
from invsolve_priors.training.diffusion.batch import Batch, Observer
from invsolve_priors.training.diffusion.coherence import coherence_loss
from invsolve_priors.training.diffusion.conditioning import Conditioning
from invsolve_priors.training.diffusion.latents import LatentPool
from invsolve_priors.training.diffusion.settings import DiffusionSettings
from invsolve_priors.training.diffusion.shared import take_shared
from invsolve_priors.training.diffusion.validation import Validation
from invsolve_priors.training.diffusion.variance import variance_loss

MIN_SNR: Final = 5.0
Levels = list[tuple[NoiseLevel, NoiseLevel]]  # each with the next less noisy one


@final
@attrs.frozen(kw_only=True, eq=False)
class DiffusionTask(Task):
    """``mean w (f(a z0 + s eps, time, condition) - target)^2`` over clips, levels, noise and observations.

    A transformer with a learned variance gets `variance_loss` on top.

    Attributes:
        settings: all that a recipe states of it.
        card: of the model file it ends in.
        data: latents to learn from.
        validation: clips to measure on.
        recorded: what the reader observed of those, for a condition that takes it.
        gaussian: the linear estimate that a transformer with the output ``residual`` corrects.
        start: a transformer to go on from.
    """

    settings: DiffusionSettings
    card: ModelCard
    autoencoder: Autoencoder
    data: LatentPool
    validation: Float[Tensor, "b c t h w"]
    recorded: Float[Tensor, "b c2 t2 h2 w2"] | None = None
    gaussian: GaussianEstimate | None = None
    start: STDiTNetwork | None = None

    def network(self, seed: int) -> nn.Module:
        """A new transformer, or a copy of the one to start from, or a new one with what fits of it."""
        if self.start is not None and self.settings.start_matching == "all":
            return copy.deepcopy(self.start).train().requires_grad_(True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            new = STDiTNetwork(self.settings.sizes)
        if self.start is not None:
            take_shared(new, self.start, str(self.settings.start))
        return new

    def loss(self, network: nn.Module, seed: int, step: int, shard: Shard) -> Float[Tensor, ""]:
        """The weighted error of a part of a batch."""
        settings = self.settings
        rng = numbers(seed, "latents", step)
        mine = shard.rows(settings.batch)
        which = rng.integers(0, self.data.clips.available(step), settings.batch)[mine]
        backwards = (rng.random(settings.batch) < 0.5)[mine] if settings.reverse else np.zeros(len(which), bool)
        shares = ((np.arange(settings.batch) + rng.random()) / settings.batch) ** settings.time_power
        levels = self._levels(shares[mine])
        batch = self._batch(which, backwards, seed, step, mine)
        shape = (settings.batch, *batch.z0.shape[1:])
        eps = torch.randn(shape, generator=generator(seed, "noise", step))[mine]
        device = device_of_network(network)
        batch, eps = batch.to(device), eps.to(device)
        wrong, answer = self._error(network, batch, eps, [level for level, _ in levels])
        error = wrong.square().mean((1, 2, 3, 4))
        if settings.coherence:
            error = error + settings.coherence * coherence_loss(wrong)
        if settings.weighting == "min_snr":
            snr = torch.tensor([(level.a / level.s) ** 2 for level, _ in levels], device=device)
            error = error * snr.clamp_max(MIN_SNR) / (snr + 1)
        if answer.shape[1] > batch.z0.shape[1]:
            error = error + self._variance_loss(batch.z0, eps, answer, levels)
        return error.mean()

    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """The unweighted error at eight levels, and its mean; with a condition also that of a wrong one and of none."""
        return self._validation.measure(lambda batch, eps, level: self._clip_errors(network, batch, eps, level))

    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """Four samples, 40 deterministic steps each: one a row, frames side by side; the observation stands first."""
        shown = self._validation.shown
        z = torch.randn(shown.z0.shape, generator=generator(0, "sheet", 0)).to(device_of_network(network))
        told = shown.to(z.device).conditioning
        levels = self.card.schedule.levels(40)
        for level, target in pairwise(levels):
            a, s, time = (z.new_full((len(z),), x) for x in (level.a, level.s, level.time))
            answer, linear = self._answer(network, z, a, s, time, told)
            prediction = prediction_of(self.card, z, answer, level, linear)
            z = target.a * prediction.z0 + target.s * prediction.eps
        if told is not None:
            z = torch.cat([told.observed, z], 2)
        video = self.autoencoder.decode(z.to(device_of_network(self.autoencoder))).float().cpu()
        return rearrange(video, "b c t h w -> c (b h) (t w)").clamp(0, 1)

    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write the transformer and the autoencoder it lives behind, in one file."""
        card = attrs.evolve(self.card, facts={**self.card.facts, **facts})
        networks = {"denoiser": network, "autoencoder": self.autoencoder}
        write_model(path, card, networks if self.gaussian is None else {**networks, "gaussian": self.gaussian})

    def _batch(self, which: np.ndarray, backwards: np.ndarray, seed: int, step: int, mine: slice) -> Batch:
        """The clips of a step, some of them backwards, with what is told of them."""
        flip = torch.from_numpy(backwards)[:, None, None, None, None]
        z0 = self.data[which]
        z0 = torch.where(flip, z0.flip(2), z0)
        if self._observer is None:
            return Batch(z0)
        clips = self.data.clips[which]
        clips = torch.where(flip, clips.flip(2), clips)
        recorded = None
        if self._observer.condition.source == "recorded":
            recorded = self.data.clips.observed(which)
            recorded = torch.where(flip, recorded.flip(2), recorded)
        batch = self._observer.batch(clips, z0, recorded, seed, "training", step, mine)
        return self._observer.dropped(batch, seed, step, mine)

    @cached_property
    def _observer(self) -> Observer | None:
        condition = self.settings.condition
        return None if condition is None else Observer(condition, self.data, self.settings.batch)

    @cached_property
    def _validation(self) -> Validation:
        return Validation.of(self.validation, self.recorded, self.data, self.settings.condition, self._table)

    @cached_property
    def _table(self) -> tuple[NoiseLevel, ...]:
        """A thousand levels from the clean end, which is the first, to the noisy one."""
        return tuple(reversed(self.card.schedule.levels(1000)))

    def _levels(self, shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Levels:
        """For each share its level and the next less noisy one."""
        places = [min(int(share * 1000), 999) for share in shares]
        return [(self._table[place + 1], self._table[place]) for place in places]

    def _clip_errors(self, network: nn.Module, batch: Batch, eps: Tensor, level: NoiseLevel) -> Float[Tensor, " b"]:
        """Mean squared error of the network's output for each clip at one level, on the CPU."""
        device = device_of_network(network)
        wrong, _ = self._error(network, batch.to(device), eps.to(device), [level] * len(eps))
        return wrong.square().mean((1, 2, 3, 4)).cpu()

    def _error(
        self, network: nn.Module, batch: Batch, eps: Tensor, levels: list[NoiseLevel]
    ) -> tuple[Float[Tensor, "b z t h w"], Tensor]:
        """The error of the network's output, and the whole output."""
        z0 = batch.z0
        a, s, time = (
            torch.tensor([getattr(level, name) for level in levels], device=z0.device) for name in ("a", "s", "time")
        )
        wide_a, wide_s = (each.view(-1, 1, 1, 1, 1) for each in (a, s))
        answer, linear = self._answer(network, wide_a * z0 + wide_s * eps, a, s, time, batch.conditioning)
        wanted = target_of(self.card.output, z0, eps, wide_a, wide_s, linear)
        return answer[:, : z0.shape[1]] - wanted, answer

    def _answer(
        self, network: nn.Module, z: Tensor, a: Tensor, s: Tensor, time: Tensor, told: Conditioning | None
    ) -> tuple[Tensor, Linear | None]:
        """The network's output, and the linear estimate that it corrects."""
        denoiser = cast(STDiTNetwork, network)
        if told is not None:
            return told.output(denoiser, z, time).float(), None
        linear = None if self.gaussian is None else self.gaussian(z, a, s)
        return denoiser(z, time, conditioning_channels(None, linear)).float(), linear

    def _variance_loss(self, z0: Tensor, eps: Tensor, answer: Tensor, levels: Levels) -> Tensor:
        """The variational bound's part, for networks that say a variance as well."""
        found, fractions = [], []
        for i, (level, _) in enumerate(levels):
            z = level.a * z0[i : i + 1] + level.s * eps[i : i + 1]
            linear = (
                None if self.gaussian is None else self.gaussian(z, *(z.new_tensor([x]) for x in (level.a, level.s)))
            )
            prediction = prediction_of(self.card, z, answer[i : i + 1], level, linear)
            found.append(prediction.z0)
            fractions.append((answer[i : i + 1, z.shape[1] :] + 1) / 2)
        return variance_loss(z0, torch.cat(found), torch.cat(fractions), tuple(levels))
