"""`Model`: a checkpoint at work, with its modules where they belong."""

from functools import cached_property
from pathlib import Path
from typing import Any, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, SpaceError
from invsolve.media.framing import Framing
from invsolve.media.picture import Taking, read_picture
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.video.space import VideoSpace
from invsolve_diffusers.adapters.adapter import Adapter
from invsolve_diffusers.adapters.lora import low_ranks, merge, tensors_of
from invsolve_diffusers.checkpoint import Checkpoint, Module
from invsolve_diffusers.exposures.exposure_file import check_transformer, put_exposures
from invsolve_diffusers.memory.estimate import LatentShape
from invsolve_diffusers.memory.policy import choose, with_precisions
from invsolve_diffusers.network import engine
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.placement import Memory, Placement
from invsolve_diffusers.network.untold import untold
from invsolve_diffusers.priors.condition import Sight, exposed_channels, seen_pictures, sight_of, told_tokens
from invsolve_diffusers.text.embeddings import load_embedding

Shape = tuple[int, int, int, int]
Key = tuple[Module, torch.dtype, torch.device]


@final
@attrs.frozen(eq=False)
class Model:
    """The common part of the priors of this package: sizes, text, placement, and the modules, loaded when first needed.

    Attributes:
        checkpoint: see the priors.
        prompt: see the priors.
        placement: see the priors.
        memory: see the priors.
        shift: of flow models, in place of the checkpoint's.
        image: a picture for image-to-video models, where the problem gives no condition.
        only: the family it must be of, or None.
        adapter: LoRA weights for the denoiser.
        exposure: weights of a CogVideoX that is told when its frames were exposed.
    """

    checkpoint: Checkpoint
    prompt: str
    placement: Placement
    memory: Memory
    shift: float | None = None
    image: Path | None = None
    only: str | None = None
    adapter: Adapter | None = None
    exposure: Path | None = None

    @property
    def family(self) -> Family:
        """The family of the checkpoint; raises `CapabilityError` if it must be another."""
        family = self.checkpoint.family
        if self.only not in (None, family.name):
            raise CapabilityError(
                f"{self.checkpoint.path} is a checkpoint of {family.title}, not of {self.only}; write "
                "`use: diffusers`, which takes all families."
            )
        return family

    @property
    def configs(self) -> Configs:
        """The configs of the checkpoint."""
        return self.checkpoint.configs

    @cached_property
    def schedule(self) -> Schedule:
        """The levels it was trained at."""
        return self.family.noise.schedule(self.configs.scheduler, self.shift)

    @cached_property
    def text(self) -> Embedding:
        """The embedding of the prompt, or its class."""
        if self.family.text is None:
            return untold(self.family, self.configs, self.prompt, self.checkpoint.path)
        return load_embedding(self.checkpoint, self.prompt)

    def latent_shape(self, space: VideoSpace) -> Shape:
        """The latent's ``c t h w``; raises `SpaceError` with the sizes that would do."""
        family, configs = self.family, self.configs
        colours = family.colours(configs)
        if space.channels != colours:
            kind = "colour videos of 3 channels" if colours == 3 else f"videos of {colours} channels"
            raise SpaceError(f"{self.checkpoint.path} models {kind}, got {space.channels}.")
        rule = family.frames(configs)
        if rule.most == 1 and space.frames != 1:
            raise SpaceError(
                f"{self.checkpoint.path} models pictures, got {space.frames} frames in {space}. For videos, with each "
                "frame a picture: `prior: {use: frame_wise, prior: {use: diffusers, ...}}`, and a sampler that ties "
                "the frames together, such as batch_consistent."
            )
        if not rule.allows(space.frames):
            near = " or ".join(str(n) for n in rule.nearest(space.frames))
            raise SpaceError(
                f"{family.name} models clips of {rule}, got {space.frames} in {space}. Nearest: {near} frames."
            )
        downsampling = family.downsampling(configs)
        multiple = downsampling * family.patch(configs)
        for axis, size in (("height", space.height), ("width", space.width)):
            if size % multiple:
                near = " or ".join(str(n) for n in (size // multiple * multiple, -(-size // multiple) * multiple) if n)
                raise SpaceError(
                    f"{family.name} needs a {axis} that is a multiple of {multiple} pixels, got {size} in {space}. "
                    f"Nearest: {near}."
                )
        frames = rule.latent_frames(space.frames) + family.pads(configs)
        shape = (family.channels(configs), frames, space.height // downsampling, space.width // downsampling)
        reason = family.refuses_shape(configs, shape)
        if reason is not None:
            raise SpaceError(f"{self.checkpoint.path} cannot model {space}: {reason}.")
        return shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Tensor:
        """The latent of a video in [0, 1]."""
        vae = self._module("decoder", video, self.latent_shape(VideoSpace.of(video)))
        return engine.encode(self.family, self.configs, vae, video)

    def decode(self, z: Tensor) -> Float[Tensor, "b c t h w"]:
        """The video of a latent."""
        shape = _shape(z)
        placement = self._placed(shape, z)
        return engine.decode(self.family, self.configs, self._module("decoder", z, shape), z, placement)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None) -> Prediction:
        """One call of the denoiser: `condition` holds tokens ``b l d`` in place of the prompt's, or a picture.

        With exposures, it holds the numbers of each latent frame.
        """
        if self.exposure is not None:
            network = self._module("denoiser", z, _shape(z))
            numbers = exposed_channels(z, condition)
            return engine.denoise(self.family, self.configs, network, z, level, self.text, numbers)
        if condition is not None and condition.ndim not in (3, 5):
            raise SpaceError(
                f"the condition has shape {tuple(condition.shape)}; it must be tokens of a text, b l d, or a picture, "
                "b 3 1 h w."
            )
        if condition is not None and condition.ndim == 3 and self.family.text is None:
            raise CapabilityError(f"{self.checkpoint.path} takes no text; leave the condition out.")
        tokens = condition if condition is not None and condition.ndim == 3 else None
        text = self.text if tokens is None else told_tokens(self.checkpoint, tokens)
        if tokens is None and condition is not None and condition.shape[1] == 3 and self.checkpoint.sees_pictures:
            conditioning: Tensor | None
            conditioning, text = seen_pictures(self.checkpoint, self._sight(z.device), condition, text, z)
        else:
            conditioning = self._conditioning(z, condition if tokens is None else None)
        network = self._module("denoiser", z, _shape(z))
        return engine.denoise(self.family, self.configs, network, z, level, text, conditioning)

    def _conditioning(self, z: Tensor, condition: Tensor | None) -> Tensor | None:
        """The conditioning channels: none, a condition as it is, an encoded picture, or zeros."""
        channels = self.family.conditioning_channels(self.configs)
        if channels == 0:
            if condition is not None or self.image is not None:
                raise CapabilityError(f"{self.checkpoint.path} takes no picture; leave the image out.")
            return None
        if condition is None and self.image is not None:
            return self._image_conditioning(self.image, z)
        if condition is None:
            return z.new_zeros(len(z), channels, *z.shape[2:])
        if condition.shape[1:] == (channels, *z.shape[2:]):
            return condition
        if channels != z.shape[1]:
            raise SpaceError(
                f"the condition has shape {tuple(condition.shape)}; {self.checkpoint.path} takes {channels} channels "
                f"of conditioning, b {(channels, *z.shape[2:])}."
            )
        return self._encoded_picture(z, condition)

    def _image_conditioning(self, path: Path, z: Tensor) -> Tensor:
        """The image's latent, encoded once for each size, dtype and device."""
        key = (_shape(z), z.dtype, z.device)
        if key not in self._images:
            height, width = self._pixels(z)
            picture = read_picture(path, Taking(channels="rgb"), Framing(size=f"{height}x{width}")).video
            self._images[key] = self._encoded_picture(z[:1], picture.to(z))
        return self._images[key].expand(len(z), -1, -1, -1, -1)

    def _encoded_picture(self, z: Tensor, picture: Tensor) -> Tensor:
        """The latent of a picture as the first frame, with zeros for the frames after it."""
        height, width = self._pixels(z)
        if picture.shape[1:] != (3, 1, height, width):
            raise SpaceError(
                f"the condition has shape {tuple(picture.shape)}, expected one frame of the clip's size, "
                f"b {(3, 1, height, width)}."
            )
        vae = self._module("decoder", z, _shape(z))
        with torch.no_grad():
            first = engine.encode(self.family, self.configs, vae, picture)
        if self.configs.decoder.get("invert_scale_latents"):
            # these models were trained on first frames that were divided by the factor instead of multiplied
            first = first / self.configs.decoder["scaling_factor"] ** 2
        rest = z.new_zeros(len(z), first.shape[1], z.shape[2] - first.shape[2], *z.shape[3:])
        return torch.cat([first, rest], dim=2)

    def _pixels(self, z: Tensor) -> tuple[int, int]:
        downsampling = self.family.downsampling(self.configs)
        return z.shape[3] * downsampling, z.shape[4] * downsampling

    def _placed(self, shape: Shape, like: Tensor) -> Placement:
        """The placement of the parts for as many latents as there are items in `like`, of its device and dtype."""
        if self.memory == "given":
            return self.placement
        if not (torch.is_grad_enabled() and like.requires_grad):
            return with_precisions(self.placement, like.device, like.dtype)  # nothing is kept for a gradient
        key = ((len(like), *shape), like.device, like.dtype)
        if key not in self._chosen:
            self._chosen[key] = choose(self.checkpoint, *key, self.placement)
        return self._chosen[key]

    def _module(self, part: Module, like: Tensor, shape: Shape) -> Any:
        """A module, loaded once for each place it has been wanted at, with its switches as the placement has them."""
        placement = self._placed(shape, like)
        denoiser = part == "denoiser"
        device = placement.denoiser_device if denoiser else placement.decoder_device
        dtype = placement.denoiser_dtype if denoiser else placement.decoder_dtype
        key: Key = (part, getattr(torch, dtype) if dtype else like.dtype, torch.device(device or like.device))
        if key not in self._loaded:
            self._loaded[key] = (
                self._with_additions(self.checkpoint.load(*key)) if denoiser else self.checkpoint.load(*key)
            )
            if denoiser and placement.compile:
                self._loaded[key].compile()
        module = self._loaded[key]
        if self._set.get(key) != (placement, shape):
            if denoiser:
                engine.prepare_denoiser(self.family, module, placement, shape)
            else:
                engine.prepare_decoder(self.family, module, placement)
            self._set[key] = (placement, shape)
        return module

    def _with_additions(self, network: Any) -> Any:
        """The denoiser with the adapter, and with the weights for exposures."""
        if self.adapter is not None:
            merge(
                network,
                low_ranks(*tensors_of(self.adapter.file), self.adapter.file),
                self.adapter.scale,
                self.adapter.file,
            )
        if self.exposure is not None:
            check_transformer(self.configs.denoiser, self.checkpoint.path)
            put_exposures(network, self.exposure)
        return network

    def _sight(self, device: torch.device) -> Sight:
        if device not in self._sights:
            self._sights[device] = sight_of(self.checkpoint, device)
        return self._sights[device]

    @cached_property
    def _sights(self) -> dict[torch.device, Sight]:
        return {}

    @cached_property
    def _images(self) -> dict[tuple[Shape, torch.dtype, torch.device], Tensor]:
        return {}

    @cached_property
    def _chosen(self) -> dict[tuple[LatentShape, torch.device, torch.dtype], Placement]:
        return {}

    @cached_property
    def _loaded(self) -> dict[Key, Any]:
        return {}

    @cached_property
    def _set(self) -> dict[Key, tuple[Placement, Shape]]:
        return {}


def _shape(z: Tensor) -> Shape:
    _, c, t, h, w = z.shape
    return c, t, h, w
