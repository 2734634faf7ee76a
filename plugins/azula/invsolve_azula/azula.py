"""`Azula`: a published image diffusion model as a prior."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.parts import Part
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import as_path, instance, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_azula.checkpoint.network_file import NetworkFile
from invsolve_azula.families.family import Pictures
from invsolve_azula.latents import Latents


@final
@attrs.frozen
class Azula(Prior):
    """Pictures as ADM, EDM, EDM2 or JiT learned them, from a file that `invsolve azula convert` wrote.

    The network is azula's (ADM, JiT) or one that reads the same parameters (EDM, EDM2). It computes in float32 at the
    size it was trained at; ``z = 2 x - 1``, or the latent of an autoencoder. For videos: `frame_wise` around it.

    Attributes:
        path: the file.
        label: the class of the picture, for models of classes, from 0. EDM, EDM2 and JiT do without.
        noise_levels: by default those it was published with; any other schedule will do, for the networks know the
            noise by its ratio to the signal.
        clip: keep clean estimates within black and white, as its authors do; there is no gradient where one is cut.
        decoder: for EDM2 of 512 x 512 pixels: the folder of Stable Diffusion's autoencoder (sd-vae-ft-mse) in the
            layout of diffusers.

    Raises:
        ReadError: for a file that is missing, damaged or foreign.
        ComponentError: for a label that the model has not.
        CapabilityError: where azula is missing, or a label or decoder that the model needs.
        SpaceError: for pictures of another size.

    References:
        Dhariwal and Nichol 2021; Karras et al. 2022; Karras et al. 2024; Li and He 2025; azula 0.11.

    Examples:
        ```python
        Azula("ffhq_256x256.safetensors")
        ```

        ```yaml
        prior: {use: azula, path: ffhq_256x256.safetensors}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{rozet2024azula, title={Azula: Diffusion models in {PyTorch}}, author={Rozet, Fran{\\c{c}}ois and "
        "others}, year={2024}, howpublished={https://github.com/probabilists/azula}}",
    )
    decodes_frames_alone: ClassVar[bool] = True

    path: Path = attrs.field(converter=as_path)
    label: int | None = attrs.field(default=None, validator=optional(whole(least=0)))
    noise_levels: Schedule | None = attrs.field(default=None, validator=optional(instance(Schedule)))
    clip: bool = False
    decoder: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))

    @cached_property
    def file(self) -> NetworkFile:
        """The content of the file, read when it is first needed."""
        return NetworkFile(self.path)

    @cached_property
    def pictures(self) -> Pictures:
        """What the network sees."""
        found = self.file.family.pictures(self.file.config)
        title = f"{self.path} ({self.file.family.title})"
        if self.label is None and found.classes and not self.file.family.labels_may_miss:
            raise CapabilityError(
                f"{title} models {found.classes} classes: write `label:`, from 0 to {found.classes - 1}."
            )
        if self.label is not None and self.label >= found.classes:
            many = f"knows classes 0 to {found.classes - 1}" if found.classes else "knows no classes"
            raise ComponentError(f"Azula.label is {self.label}, but {title} {many}.")
        return found

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only, and known only from the file
        """The noise levels that samplers walk through."""
        return self.noise_levels or self.file.family.schedule(self.file.config)

    @property
    def own_parts(self) -> tuple[Part, ...]:
        """The family; raises `ReadError` for a file that does not tell it."""
        return (self.file.family,)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c 1 h w``: that of the picture, or of its latent."""
        seen, latents = self.pictures, self.latents
        channels = seen.channels if latents is None else 3
        side = seen.resolution if latents is None else seen.resolution * latents.pixels
        wanted = (channels, 1, side, side)
        if space.shape == wanted:
            return seen.channels, 1, seen.resolution, seen.resolution
        if space.frames != 1 and attrs.evolve(space, frames=1).shape == wanted:
            raise SpaceError(
                f"{self.path} models single pictures, got {space.frames} frames; for a video write `use: frame_wise` "
                "with this as its `prior:`."
            )
        raise SpaceError(f"{self.path} models pictures of c t h w = {wanted}, got {space.shape}.")

    def encode(self, video: Float[Tensor, "b c 1 h w"]) -> Float[Tensor, "b zc 1 zh zw"]:
        """``2 x - 1``, or the mean of the latent's law."""
        self.latent_shape(VideoSpace.of(video))
        return 2 * video - 1 if self.latents is None else self.latents.encode(video)

    def decode(self, z: Float[Tensor, "b zc 1 zh zw"]) -> Float[Tensor, "b c 1 h w"]:
        """``(z + 1) / 2``, or the latent's picture, not clamped."""
        return (z + 1) / 2 if self.latents is None else self.latents.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc 1 zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the network."""
        if condition is not None:
            raise CapabilityError("the azula prior takes no condition; a class is written as `label:`.")
        if level.s == 0:
            raise CapabilityError("a clean latent (s = 0) needs no prediction: stop at the last noisy level.")
        seen, family, config = self.pictures, self.file.family, self.file.config
        if z.shape[1:] != (seen.channels, 1, seen.resolution, seen.resolution):
            wanted = (seen.channels, 1, seen.resolution, seen.resolution)
            raise SpaceError(f"the latent has shape {tuple(z.shape)}; {self.path} models b {wanted}.")
        found = family.predict(self._network(z.device), config, z, level, self.label)
        return found.with_clean(found.z0.clamp(-1, 1), level) if self.clip and self.latents is None else found

    @cached_property
    def latents(self) -> Latents | None:
        """The autoencoder of a latent model, None for pixels."""
        config = self.file.config
        if "latent_scale" not in config:
            if self.decoder is not None:
                raise ComponentError(f"Azula.decoder has no effect: {self.path} models pixels; leave it out.")
            return None
        if self.decoder is None:
            raise CapabilityError(
                f"{self.path} models latents of Stable Diffusion's autoencoder: write `decoder:`, the folder of "
                "sd-vae-ft-mse in the layout of diffusers."
            )
        if self.clip:
            raise ComponentError(f"Azula.clip has no effect: {self.path} models latents; leave it out.")
        return Latents(self.decoder, tuple(config["latent_scale"]), tuple(config["latent_bias"]))

    def _network(self, device: torch.device) -> "_Single":
        if device not in self._networks:
            self._networks[device] = _Single(self.file.network().to(device))
        return self._networks[device]

    @cached_property
    def _networks(self) -> "dict[torch.device, _Single]":
        return {}


@final
@attrs.frozen(eq=False)
class _Single:
    """A network in float32 for arithmetic of any precision around it."""

    network: Any

    def __call__(self, x: Tensor, *told: Tensor | None, **named: Tensor | None) -> Tensor:
        """What the network says, in the precision of `x`."""
        inside = [_single(each) for each in told]
        made: Tensor = self.network(x.float(), *inside, **{name: _single(each) for name, each in named.items()})
        return made.to(x)


def _single(value: Tensor | None) -> Tensor | None:
    return value.float() if value is not None and value.is_floating_point() else value
