"""`AutoencoderTask`: pictures to latents and back, where it is hard."""

import copy
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import cast, final

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.training import Shard, Task, device_of_network, generator, numbers
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import write_model
from invsolve_priors.training.autoencoder.settings import AutoencoderSettings
from invsolve_priors.training.pool import ClipPool


@final
@attrs.frozen(kw_only=True, eq=False)
class AutoencoderTask(Task):
    """``mean w (D(E(x) + latent_noise n) - x)^2`` with more weight where a picture has edges.

    Attributes:
        settings: all that a recipe states of it.
        card: of the model file it ends in.
        data: clips to learn from.
        validation: clips to measure on.
        start: an autoencoder to go on from.
    """

    settings: AutoencoderSettings
    card: ModelCard
    data: ClipPool
    validation: Float[Tensor, "b c t h w"]
    start: Autoencoder | None = None

    def network(self, seed: int) -> nn.Module:
        """A new autoencoder, or a copy of the one to start from."""
        if self.start is not None:
            started = copy.deepcopy(self.start).requires_grad_(True)
            if self.settings.decoder_only:
                started.freeze_encoder()
            return started
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Autoencoder(self.settings.sizes)

    def loss(self, network: nn.Module, seed: int, step: int, shard: Shard) -> Float[Tensor, ""]:
        """The weighted squared error of a part of a batch of frames, or of crops of frames."""
        autoencoder = cast(Autoencoder, network)
        every = self._frames(seed, step)
        mine = shard.rows(len(every))
        weight = _edges(every)
        weight = (1 + self.settings.edge_weight * weight / weight.mean())[mine].to(device_of_network(network))
        frames = every[mine].to(device_of_network(network))
        z = autoencoder.encode(frames[:, :, None])
        noise = torch.randn((len(every), *z.shape[1:]), generator=generator(seed, "latent noise", step))[mine]
        noise = noise.to(z.device)
        decoded = autoencoder.decode(z + self.settings.latent_noise * noise)[:, :, 0]
        return (weight * (decoded.float() - frames).square()).mean()

    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """Mean PSNR [dB] of reconstructions, over the clips and over the tenth of the pixels that moves most."""
        decoded = self._reconstructed(network)
        error = (decoded - self.validation).square()
        moving = self._moving.expand_as(error)
        return {
            "psnr": float(-10 * error.mean((1, 2, 3, 4)).log10().mean()),
            "psnr_moving": float(-10 * error[moving].mean().log10()),
        }

    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """Frames above their reconstructions."""
        decoded = self._reconstructed(network)
        rows = [rearrange(video[:12, :, 0], "b c h w -> c h (b w)") for video in (self.validation, decoded)]
        return torch.cat(rows, 1).clamp(0, 1)

    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write the autoencoder alone."""
        card = attrs.evolve(self.card, facts={**self.card.facts, **facts})
        write_model(path, card, {"autoencoder": network})

    @cached_property
    def _moving(self) -> Tensor:
        spread = self.validation.std(2, keepdim=True, correction=0).mean(1, keepdim=True)
        return spread >= torch.quantile(spread.flatten(1), 0.9, dim=1)[:, None, None, None, None]

    def _reconstructed(self, network: nn.Module) -> Tensor:
        autoencoder = cast(Autoencoder, network)
        whole = self.validation.to(device_of_network(network))
        parts = [autoencoder.decode(autoencoder.encode(part)).float().cpu() for part in torch.split(whole, 8)]
        return torch.cat(parts)

    def _frames(self, seed: int, step: int) -> Float[Tensor, "n c h w"]:
        rng = numbers(seed, "frames", step)
        height, width = self.validation.shape[-2:]
        whole = step % 4 == 0 or self.settings.crop >= min(height, width)
        count = self.settings.batch if whole else self.settings.batch * height * width // self.settings.crop**2
        # a few clips, many frames of each: reading is cheap and frames of a clip differ
        clips = self.data[rng.integers(0, self.data.available(step), max(1, count // 4))]
        frames = clips[torch.from_numpy(rng.integers(0, len(clips), count)), :, _draw(rng, clips.shape[2], count)]
        return frames if whole else _crops(frames, self.settings.crop, self.settings.sizes.factor, rng)


def _draw(rng: np.random.Generator, below: int, count: int) -> Tensor:
    return torch.from_numpy(rng.integers(0, below, count))


def _edges(frames: Float[Tensor, "n c h w"]) -> Float[Tensor, "n 1 h w"]:
    """The difference of each pixel from its neighbours, spread by one pixel, with a floor."""
    across = F.pad((frames[..., 1:] - frames[..., :-1]).abs().sum(1, keepdim=True), (1, 0))
    along = F.pad((frames[..., 1:, :] - frames[..., :-1, :]).abs().sum(1, keepdim=True), (0, 0, 1, 0))
    return F.max_pool2d(across + along, 3, stride=1, padding=1) + 0.02


def _crops(frames: Tensor, size: int, factor: int, rng: np.random.Generator) -> Tensor:
    """One crop of each frame, at a multiple of the factor, drawn where there are edges."""
    edges = F.avg_pool2d(_edges(frames), size, stride=factor)[:, 0]
    rows, columns = edges.shape[1:]
    chance = edges.flatten(1).square().numpy().astype(np.float64)
    chance = chance.cumsum(1) / chance.sum(1, keepdims=True)
    place = np.minimum((chance < rng.random((len(frames), 1))).sum(1), rows * columns - 1)
    corners = [(int(p) // columns * factor, int(p) % columns * factor) for p in place]
    cut = [frame[:, y : y + size, x : x + size] for frame, (y, x) in zip(frames, corners, strict=True)]
    return torch.stack(cut)
