"""`PhotographTask`: what the network for photographs learns."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import ReadError
from invsolve.media import ReadContext, Reader
from invsolve.motion.optical_flow import Flow
from invsolve.training import Shard, Task, device_of_network, numbers
from invsolve.validators import as_path, number, whole
from invsolve_photographs.model_file import read_network, write_network
from invsolve_photographs.motion.line import doubled
from invsolve_photographs.motion.path import exposure_times
from invsolve_photographs.motion.render import render
from invsolve_photographs.network.configuration import PhotographConfiguration
from invsolve_photographs.network.inference import estimated, rendered
from invsolve_photographs.network.photograph_network import PhotographNetwork, channels_last
from invsolve_photographs.shaking.camera_path import CameraPath
from invsolve_photographs.shaking.example import FRAMES
from invsolve_photographs.shaking.generator import GAMMA, ExampleGenerator, exposed
from invsolve_photographs.shaking.shaken_patch import ShakenPatch
from invsolve_photographs.shaking.still_folder import StillFolder
from invsolve_photographs.shaking.wear import Wear
from invsolve_photographs.training.augmentation import augmented
from invsolve_photographs.training.example_pool import ExamplePool

positive = whole(least=1)


@final
@attrs.frozen(kw_only=True, eq=False)
class PhotographTask(Task):
    """``sqrt(mean (frames - truth)^2 + 1e-4)``, the motion's error, and the likelihood of the spreads.

    Which of its two directions a line takes is told by the truth, so that nothing in the loss is ambiguous.

    Attributes:
        stills: folder of sharp photographs.
        leave_out: names in it that begin so are not read.
        videos: reader of a high-speed video (240 frames/s), whose windows of 7 frames are examples too.
        flow: finds the motion in these windows.
        real: the share of the examples that comes from ``videos``, in [0, 1].
        validation: reader of such a video kept apart.
        windows: how many windows of it are measured.
        side: of a patch [pixels], a multiple of 16.
        batch: patches a step.
        fresh: how many of them come from the newest examples.
        examples: folder that examples are kept in.
        count: see `ExamplePool`.
        first: see `ExamplePool`.
        growth: see `ExamplePool`.
        median_motion: median of the camera's translation from the middle to the end of an exposure [pixels].
        motion_weight: of the motion's error per pixel, at the first step and at the last.
        motion_weight_end: of the motion's error per pixel, at the first step and at the last.
        steps: at which the weight of the motion has reached its end.
        sizes: of the network.
        start: a model file to go on from.
        example_seed: decides the examples.

    Examples:
        ```yaml
        task: {use: photograph, stills: photographs/, validation: {read: frames, path: clip/}}
        ```
    """

    stills: Path = attrs.field(converter=as_path)
    validation: Reader
    leave_out: tuple[str, ...] = ()
    videos: Reader | None = None
    flow: Flow | None = None
    real: float = attrs.field(default=0.25, validator=number(least=0.0, most=1.0))
    windows: int = attrs.field(default=6, validator=positive)
    side: int = attrs.field(default=128, validator=positive)
    batch: int = attrs.field(default=8, validator=positive)
    fresh: int = attrs.field(default=2, validator=whole(least=0))
    examples: Path = attrs.field(default=Path("runs/training/photograph_examples"), converter=as_path)
    count: int = attrs.field(default=8000, validator=positive)
    first: int = attrs.field(default=64, validator=positive)
    growth: float = attrs.field(default=2.0, validator=number(least=0.0))
    median_motion: float = attrs.field(default=3.0, validator=number(above=0.0))
    motion_weight: float = attrs.field(default=0.03, validator=number(least=0.0))
    motion_weight_end: float = attrs.field(default=0.004, validator=number(least=0.0))
    steps: int = attrs.field(default=4000, validator=positive)
    sizes: PhotographConfiguration = attrs.field(factory=PhotographConfiguration)
    start: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    example_seed: int = attrs.field(default=0, validator=whole(least=0))

    def network(self, seed: int) -> nn.Module:
        """A new network, or the one to start from."""
        if self.start is not None:
            return read_network(self.start).network.train().requires_grad_(True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return channels_last(PhotographNetwork(self.sizes))

    def loss(self, network: nn.Module, seed: int, step: int, shard: Shard) -> Float[Tensor, ""]:
        """The loss of a part of a batch of examples."""
        rng = numbers(seed, "photographs", step)
        blurred, frames, motion = augmented(rng, *self._pool.drawn(self._which(rng, step)))
        mine, device = shard.rows(self.batch), device_of_network(network)
        blurred, frames, motion = (each[mine].to(device) for each in (blurred, frames, motion))
        found = cast(PhotographNetwork, network)(blurred.contiguous(memory_format=torch.channels_last))
        truth = (motion[:, :, -1] - motion[:, :, 0]) / 2
        moved = found.path.displacements(_times(blurred), truth)
        error = (render(found.sharp, moved) - frames).square().mean((1, 2, 3, 4))
        distance = _length(moved - motion).mean((1, 2, 3)) + 0.6 * _length(found.path.line - doubled(truth)).mean(
            (1, 2)
        )
        done = min(1.0, step / self.steps)
        weight = self.motion_weight * (1 - done) + self.motion_weight_end * done
        sharp_error = (found.sharp - frames[:, :, FRAMES // 2]).detach().abs().mean(1, keepdim=True)
        end_error = _length(moved[:, :, -1] - motion[:, :, -1]).detach()[:, None]
        likelihood = _laplace(sharp_error, found.sharp_spread) + _laplace(end_error, found.end_spread)
        return ((error + 1e-4).sqrt() + weight * distance).mean() + 0.01 * likelihood

    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """Mean PSNR [dB] over windows of the validation video, each in its better direction of time."""
        whole_clip, middle, blurry = [], [], []
        for (blurred, truth), video in zip(self._windows, self._seen(network), strict=True):
            whole_clip.append(max(_psnr(video, truth), _psnr(video.flip(2), truth)))
            middle.append(_psnr(video[:, :, FRAMES // 2], truth[:, :, FRAMES // 2]))
            blurry.append(_psnr(blurred[:, :, None], truth))
        means = [float(np.mean(values)) for values in (whole_clip, middle, blurry)]
        return dict(zip(("psnr", "psnr_middle", "psnr_blurred"), means, strict=True))

    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """The first window: the photograph, the network's first, middle and last frame, and the truth below."""
        blurred, truth = self._windows[0]
        video = next(self._seen(network))[0]
        shown = (0, FRAMES // 2, FRAMES - 1)
        above = torch.cat([blurred[0], *(video[:, k] for k in shown)], 2)
        below = torch.cat([blurred[0], *(truth[0, :, k] for k in shown)], 2)
        return torch.cat([above, below], 1).clamp(0, 1)

    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write the network alone."""
        write_network(path, cast(PhotographNetwork, network), self.sizes, facts)

    @cached_property
    def _pool(self) -> ExamplePool:
        camera = CameraPath(median=self.median_motion)
        patch = ShakenPatch(StillFolder(self.stills, self.leave_out), camera, self.side)
        generator = ExampleGenerator(
            patch=patch, wear=Wear(), seed=self.example_seed, video=self._video, flow=self.flow, real=self.real
        )
        identity = f"{patch} {self.videos} {self.flow} {self.real} {self.example_seed} {self.count}"
        return ExamplePool(generator, identity, self.examples, self.count, self.first, self.growth)

    @cached_property
    def _video(self) -> Tensor | None:
        if self.videos is None:
            return None
        return _frames(self.videos)

    @cached_property
    def _windows(self) -> list[tuple[Tensor, Tensor]]:
        """Photographs ``1 3 h w`` and their frames ``1 3 t h w``, spread evenly over the validation video."""
        video = _frames(self.validation)
        if len(video) < FRAMES:
            raise ReadError(f"{self.validation} gives {len(video)} frames; a window has {FRAMES}.")
        starts = np.linspace(0, len(video) - FRAMES, self.windows).round().astype(int)
        windows = []
        for start in starts:
            frames = video[start : start + FRAMES]
            photograph = exposed(frames, GAMMA).mul(255).floor().div(255)
            windows.append((photograph[None], frames.transpose(0, 1)[None].float() / 255))
        return windows

    def _seen(self, network: nn.Module) -> Iterator[Tensor]:
        """The network's frames of every window."""
        for photograph, _ in self._windows:
            found = estimated(cast(PhotographNetwork, network), photograph)
            yield rendered(found, FRAMES)

    def _which(self, rng: np.random.Generator, step: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        there = self._pool.available(step)
        newest = there - 1 - rng.integers(0, min(there, max(1, 8 * self.fresh)), self.fresh)
        return np.concatenate([newest, rng.integers(0, there, self.batch - self.fresh)])


def _frames(reader: Reader) -> Tensor:
    """The frames of a video, ``t 3 h w`` in 8 bits."""
    video = reader.read(ReadContext()).video[0].transpose(0, 1)
    return (video.expand(-1, 3, -1, -1) * 255).round().to(torch.uint8).contiguous()


def _times(like: Tensor) -> Tensor:
    return exposure_times(FRAMES).to(like)


def _length(displacement: Tensor) -> Tensor:
    return (displacement.square().sum(1) + 1e-2).sqrt()


def _laplace(error: Tensor, spread: Tensor) -> Tensor:
    """Mean negative log-likelihood of absolute errors with the mean `spread`, but for a constant."""
    return (error / spread + spread.log()).mean()


def _psnr(video: Tensor, truth: Tensor) -> float:
    return float(-10 * (video.clamp(0, 1) - truth).square().mean().log10())
