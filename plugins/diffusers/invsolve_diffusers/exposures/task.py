"""`CogVideoXExposures`: training CogVideoX to see a blurred picture and to find the frames of stated exposures."""

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, final

import attrs
import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import SpaceError
from invsolve.media import ReadContext, Reader
from invsolve.media.reader import read_from
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.training import Shard, Task, device_of_network, generator, numbers
from invsolve.training.exposures import ExposureMode, draw_exposures
from invsolve.validators import instance, literal, number, whole
from invsolve.video.space import VideoSpace
from invsolve_diffusers.adapters.trained import adapt
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.exposures.example import Example, example_of
from invsolve_diffusers.exposures.exposure_file import check_transformer, write_exposures
from invsolve_diffusers.families.cogvideox import CogVideoXFamily
from invsolve_diffusers.network import engine
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.exposed_patch_embed import ExposedPatchEmbed
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.text.embeddings import load_embedding

Trained = Literal["lora", "full"]

ADAPTED: Final = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
MEASURED: Final = (0.1, 0.3, 0.5, 0.7, 0.9)  # shares of the table that are measured
SHEET_STEPS: Final = 10
PLAIN: Final = Placement(decoder_checkpointing="none")
MODES: Final = (
    ExposureMode(frames=(1, 16), every=(1, 2)),
    ExposureMode(frames=(1, 16), exposed=(0.5, 0.5)),
    ExposureMode(frames=(1, 16), every=(2, 3)),
)


@final
@attrs.frozen(kw_only=True, eq=False)
class CogVideoXExposures(Task):
    """``mean (z0hat - z0)^2 / (1 - abar_t)``: the error of ``v``, over clips, exposures, levels and noise.

    The latent of a blurred picture stands before the noisy latents, clean at every level; each patch token is told when
    its frame was exposed (`ExposedPatchEmbed`). The text is empty. What is trained is that telling, and either low-rank
    changes of the transformer (``lora``) or all of it (``full``). The file it ends in is `CogVideoX.exposure`.

    Attributes:
        path: CogVideoX-2B or 5B in the layout of diffusers, or its name on the hub.
        reader: of clips to learn from, of sizes that the model takes; read with the seeds 0, 1, 2, ...
        validation: of a clip kept apart.
        clips: how many to learn from, kept in memory in 8 bits.
        trained: ``lora`` or ``full``.
        rank: of ``lora``.
        batch: clips a step.
        modes: which frames are exposed and which are to be found; by default those of the source.
        drop: share of the pictures that become zeros, for classifier-free guidance; the exposures stay.
        checkpointing: compute the transformer's blocks again in the backward pass: slower, a tenth of the memory.

    Raises:
        CapabilityError: for image-to-video models and CogVideoX 1.5.
        SpaceError: for clips of other sizes or too short for a mode.

    References:
        Tedla, Zhu, Canham, Taubner, Brown, Kutulakos and Lindell 2025, and their code; Hu et al. 2022 (LoRA).

    Examples:
        ```yaml
        task:
          use: cogvideox_exposures
          path: THUDM/CogVideoX-2b
          reader: {read: video, path: clip.mp4, size: 480x720}
          validation: {read: video, path: other.mp4, size: 480x720}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        *CogVideoXFamily.references,
        "@article{tedla2025generating,\n"
        "  title = {Generating the Past, Present and Future from a Motion-Blurred Image},\n"
        "  author = {Tedla, SaiKiran and Zhu, Kelly and Canham, Trevor and Taubner, Felix and Brown, Michael S. and "
        "Kutulakos, Kiriakos N. and Lindell, David B.},\n"
        "  journal = {arXiv:2512.19817},\n  year = {2025}\n}",
        "@inproceedings{hu2022lora, title={LoRA: Low-Rank Adaptation of Large Language Models}, "
        "author={Hu, Edward J. and Shen, Yelong and Wallis, Phillip and others}, booktitle={ICLR}, year={2022}}",
    )

    path: str
    reader: Reader = attrs.field(validator=instance(Reader))
    validation: Reader = attrs.field(validator=instance(Reader))
    clips: int = attrs.field(default=64, validator=whole(least=1))
    trained: Trained = attrs.field(default="lora", validator=literal(Trained))
    rank: int = attrs.field(default=64, validator=whole(least=1))
    batch: int = attrs.field(default=2, validator=whole(least=1))
    modes: tuple[ExposureMode, ...] = MODES
    drop: float = attrs.field(default=0.2, validator=number(least=0.0, below=1.0))
    checkpointing: bool = True

    def network(self, seed: int) -> nn.Module:
        """The checkpoint's transformer with what is new in it."""
        check_transformer(self._checkpoint.configs.denoiser, self.path)
        network: Any = self._checkpoint.load("denoiser", torch.float32, torch.device("cpu"))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if self.trained == "full":
                network.requires_grad_(True)
            else:
                adapt(network, ADAPTED, self.rank)
            network.patch_embed = ExposedPatchEmbed(network.patch_embed)
        if self.checkpointing:
            network.enable_gradient_checkpointing()
        made: nn.Module = network
        return made

    def loss(self, network: nn.Module, seed: int, step: int, shard: Shard) -> Float[Tensor, ""]:
        """The error of a part of a batch."""
        rng = numbers(seed, "exposures", step)
        which = rng.integers(0, self.clips, self.batch)
        drawn = draw_exposures(self.modes, rng, self.batch, self._pool.shape[2])
        dropped = (rng.random(self.batch) < self.drop).astype(np.float32)
        shares = (np.arange(self.batch) + rng.random()) / self.batch
        mine, device = shard.rows(self.batch), device_of_network(network)
        clips = self._pool[torch.from_numpy(which)[mine]].to(device) / 255
        example = example_of(clips, drawn.rows(mine), self._space.transfer, self._encode)
        example = example.without_picture(torch.from_numpy(dropped)[mine])
        shape = (self.batch, *example.z0.shape[1:])
        eps = torch.randn(shape, generator=generator(seed, "noise", step))[mine].to(device)
        levels = [self._level(share) for share in shares[mine]]
        return torch.stack([self._error(network, example, eps, row, level) for row, level in enumerate(levels)]).mean()

    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """The error at five levels on the clip kept apart, the same noise every time; and with the picture left out."""
        without = self._shown.without_picture(torch.ones(1))
        return {
            name: float(np.mean([float(self._error(network, each, eps, 0, level)) for level, eps in self._measured]))
            for name, each in (("error", self._shown), ("error_without_picture", without))
        }

    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """One sample in ten deterministic steps: the picture, then the frames side by side."""
        example = self._shown
        z = torch.randn(example.z0.shape, generator=generator(0, "sheet", 0)).to(device_of_network(network))
        with torch.no_grad():
            for level, target in pairwise(self._schedule.levels(SHEET_STEPS)):
                found = self._predicted(network, z, level, example, 0)
                z = target.a * found.z0 + target.s * found.eps
            family, configs = self._checkpoint.family, self._checkpoint.configs
            parts = [engine.decode(family, configs, self._autoencoder(z), part, PLAIN) for part in (example.picture, z)]
        return rearrange(torch.cat([part.cpu() for part in parts], dim=2), "1 c t h w -> c h (t w)").clamp(0, 1)

    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write what is new, and what was changed."""
        write_exposures(network, path, {key: str(value) for key, value in facts.items()})

    def _error(
        self, network: nn.Module, example: Example, eps: Tensor, row: int, level: NoiseLevel
    ) -> Float[Tensor, ""]:
        """Of one row, in units of ``v``."""
        z0, noise = example.z0[row : row + 1].to(eps), eps[row : row + 1]
        found = self._predicted(network, level.a * z0 + level.s * noise, level, example, row)
        return (found.z0 - z0).square().mean() / level.s**2

    def _predicted(self, network: nn.Module, z: Tensor, level: NoiseLevel, example: Example, row: int) -> Prediction:
        """The clean latents of one row without the picture's."""
        joined = torch.cat([example.picture[row : row + 1].to(z), z], dim=2)
        told = example.numbers[row : row + 1].to(z).transpose(1, 2)[..., None, None].expand(-1, -1, -1, *z.shape[3:])
        family, configs = self._checkpoint.family, self._checkpoint.configs
        found = engine.denoise(family, configs, network, joined, level, self._text, told)
        return Prediction(found.z0[:, :, 1:], found.eps[:, :, 1:])

    def _level(self, share: float) -> NoiseLevel:
        last = len(self._checkpoint.configs.scheduler.betas) - 1
        return self._schedule.at(float(round(share * last)))

    @cached_property
    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self.path)

    @cached_property
    def _schedule(self) -> Schedule:
        return self._checkpoint.family.noise.schedule(self._checkpoint.configs.scheduler, None)

    @cached_property
    def _text(self) -> Embedding:
        return load_embedding(self._checkpoint, "")

    @cached_property
    def _autoencoders(self) -> dict[torch.device, Any]:
        return {}

    def _autoencoder(self, like: Tensor) -> Any:
        if like.device not in self._autoencoders:
            loaded = self._checkpoint.load("decoder", torch.float32, like.device)
            engine.prepare_decoder(self._checkpoint.family, loaded, PLAIN)
            self._autoencoders[like.device] = loaded
        return self._autoencoders[like.device]

    def _encode(self, video: Tensor) -> Tensor:
        with torch.no_grad():
            return engine.encode(
                self._checkpoint.family, self._checkpoint.configs, self._autoencoder(video), video.float()
            )

    @cached_property
    def _space(self) -> VideoSpace:
        return self._read(self.reader, 0)[1]

    @cached_property
    def _pool(self) -> Tensor:
        """All clips, ``n c t h w`` in 8 bits."""
        return torch.stack([self._read(self.reader, seed)[0] for seed in range(self.clips)])

    @cached_property
    def _shown(self) -> Example:
        """The clip kept apart, with exposures that are always the same."""
        clip, space = self._read(self.validation, 0)
        drawn = draw_exposures(self.modes[:1], numbers(0, "validation", 0), 1, clip.shape[1])
        return example_of(clip[None] / 255, drawn, space.transfer, self._encode)

    @cached_property
    def _measured(self) -> list[tuple[NoiseLevel, Tensor]]:
        shape = self._shown.z0.shape
        return [
            (self._level(share), torch.randn(shape, generator=generator(0, "measure", number_)))
            for number_, share in enumerate(MEASURED)
        ]

    def _read(self, reader: Reader, seed: int) -> tuple[Tensor, VideoSpace]:
        recording = read_from(reader, ReadContext(seed=seed))
        truth, space = recording.truth, recording.truth_space
        clip, space = (recording.video[0], recording.space) if truth is None or space is None else (truth[0], space)
        family, configs = self._checkpoint.family, self._checkpoint.configs
        multiple = family.downsampling(configs) * family.patch(configs)
        if clip.shape[0] != 3 or clip.shape[2] % multiple or clip.shape[3] % multiple:
            raise SpaceError(
                f"clips of {tuple(clip.shape)} (c t h w) are not for {self.path}: it takes 3 channels, and heights and "
                f"widths that are multiples of {multiple}; write `channels: rgb` and a `size` with the reader."
            )
        shortest = max(mode.shortest for mode in self.modes)
        if clip.shape[1] < shortest:
            raise SpaceError(
                f"clips of {clip.shape[1]} frames are too short: a mode of `modes` needs {shortest}. Read more frames, "
                "or leave the mode out."
            )
        return (clip * 255).round().clamp(0, 255).to(torch.uint8), space
