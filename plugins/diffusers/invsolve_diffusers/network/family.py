"""Abstract `Family`: everything in which one family of diffusion models differs from another."""

import abc
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from invsolve.parts import Part
from invsolve.plugin import OpenKind
from invsolve_diffusers.kinds import FAMILY
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule

if TYPE_CHECKING:
    from invsolve_diffusers.architectures.architecture import Architecture

Affine = tuple[Any, Any]  # shift and scale, numbers or one number for each channel
Config = Mapping[str, Any]
Shape = tuple[int, int, int, int]


class Family(Part):
    """One family of models, a component of the kind `family`. The methods get what a checkpoint's own files say.

    A checkpoint belongs to the family that has the classes of its denoiser and of its autoencoder, and that claims it.

    Attributes:
        name: that of the component; embeddings of prompts are kept under it.
        title: for people.
        denoiser_class: in diffusers, and where a checkpoint keeps it.
        denoiser_folder: in diffusers, and where a checkpoint keeps it.
        decoder_class: the same for its autoencoder; no class for models of pixels.
        decoder_folder: the same for its autoencoder; no class for models of pixels.
        decoder_uses: fields of the autoencoder's configuration that `normal` uses and that other families of the same
            autoencoder refuse.
        codec: how its autoencoder is called.
        noise: what it was trained to remove.
        text: how a prompt becomes what the denoiser attends to; None for models that take none.
    """

    component_kind: ClassVar[OpenKind] = FAMILY
    name: ClassVar[str]
    title: ClassVar[str]
    denoiser_class: ClassVar[str]
    denoiser_folder: ClassVar[str] = "transformer"
    decoder_class: ClassVar[str] = ""
    decoder_folder: ClassVar[str] = "vae"
    decoder_uses: ClassVar[frozenset[str]] = frozenset()
    codec: ClassVar[Codec]
    noise: ClassVar[NoiseLaw]
    text: ClassVar[TextRule | None] = None

    @abc.abstractmethod
    def channels(self, configs: Configs) -> int:
        """The number of channels of its latents."""

    @abc.abstractmethod
    def frames(self, configs: Configs) -> FrameRule:
        """The clip lengths that round trip."""

    @abc.abstractmethod
    def downsampling(self, configs: Configs) -> int:
        """Video pixels for each latent pixel."""

    @abc.abstractmethod
    def patch(self, configs: Configs) -> int:
        """Latent pixels for each token, so that sizes are multiples of ``downsampling * patch``."""

    @abc.abstractmethod
    def normal(self, vae: Any) -> Affine:
        """From the autoencoder, (shift, scale) with ``z = (raw - shift) scale``."""

    @abc.abstractmethod
    def arguments(self, call: Call) -> dict[str, Any]:
        """Arguments of the denoiser, besides latent and time; raises `InvsolveError` where the text does not fit."""

    @property
    def tiny(self) -> Mapping[str, "Architecture"]:
        """Small random models of the family by name, for `invsolve weights tiny` and for tests."""
        return {}

    def claims(self, denoiser: Config, scheduler: Config) -> bool:
        """Whether a checkpoint with these files is of this family, among those of the same classes."""
        del denoiser, scheduler
        return True

    def colours(self, configs: Configs) -> int:
        """Channels of its videos."""
        del configs
        return 3

    def classes(self, configs: Configs) -> int:
        """How many classes its pictures have, one of which it must be told; 0 for none."""
        del configs
        return 0

    def pads(self, configs: Configs) -> int:
        """Latent frames put before the clip's own, which are decoded to nothing."""
        del configs
        return 0

    def pack(self, z: Tensor) -> Tensor:
        """From ``b c t h w`` to the denoiser's layout."""
        return z

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """From the denoiser's layout to ``b c t h w``, with the latent's shape."""
        del shape
        return output

    def conditioning_channels(self, configs: Configs) -> int:
        """Channels that are concatenated with the latent."""
        del configs
        return 0

    def blocks(self, network: Any) -> list[Any] | None:
        """The blocks to checkpoint of a denoiser that has no checkpointing of its own."""
        del network
        return None

    def refuses(self, configs: Configs) -> str | None:
        """Why a checkpoint of the family cannot be a prior, or None."""
        del configs
        return None

    def refuses_shape(self, configs: Configs, shape: Shape) -> str | None:
        """Why latents ``c t h w`` do not fit the checkpoint, or None."""
        del configs, shape
        return None

    def settle(self, network: Any, shape: Shape) -> None:
        """Prepare a denoiser for latents of one shape."""
        del network, shape


def frames_first(z: Tensor) -> Tensor:
    """Between ``b c t h w`` and ``b t c h w``."""
    return z.transpose(1, 2)
