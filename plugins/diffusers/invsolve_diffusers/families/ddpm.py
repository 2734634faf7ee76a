"""The family `ddpm`: diffusion models of pixels (DDPM, DDIM)."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
from torch import Tensor

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.unet2d import DDPM
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.pictures import ONE, with_time, without_time
from invsolve_diffusers.families.unet2d import class_argument, halvings, refuses_unet2d
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.pixels import PixelCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw


@final
@attrs.frozen
class DDPM2D(Family):
    """Diffusion models of pixels, for pictures of one frame: DDPM and DDIM pipelines.

    Their own samplers clip clean estimates to [-1, 1] (``clip_sample``); here nothing is clipped.

    References:
        Ho, Jain and Abbeel 2020; layouts as in diffusers 0.42.

    Examples:
        ```python
        DDPM2D()
        ```

        ```yaml
        prior: {use: diffusers, path: FOLDER}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{ho2020denoising, title={Denoising Diffusion Probabilistic Models}, "
        "author={Ho, Jonathan and Jain, Ajay and Abbeel, Pieter}, booktitle={NeurIPS}, year={2020}}",
    )
    name: ClassVar[str] = "ddpm"
    title: ClassVar[str] = "pixel diffusion of pictures (DDPM, DDIM)"
    denoiser_class: ClassVar[str] = "UNet2DModel"
    denoiser_folder: ClassVar[str] = "unet"
    codec: ClassVar[Codec] = PixelCodec()
    noise: ClassVar[NoiseLaw] = Table()

    def claims(self, denoiser: Mapping[str, Any], scheduler: Mapping[str, Any]) -> bool:
        """All but consistency models."""
        del denoiser
        return scheduler.get("_class_name") != "CMStochasticIterativeScheduler"

    def channels(self, configs: Configs) -> int:
        """Colours."""
        return int(configs.denoiser["in_channels"])

    def colours(self, configs: Configs) -> int:
        """As the network has them."""
        return self.channels(configs)

    def frames(self, configs: Configs) -> FrameRule:
        """One."""
        del configs
        return ONE

    def downsampling(self, configs: Configs) -> int:
        """None."""
        del configs
        return 1

    def patch(self, configs: Configs) -> int:
        """A half for each level of the network."""
        return halvings(configs)

    def normal(self, vae: Any) -> Affine:
        """Pixels in [-1, 1] as they are."""
        del vae
        return 0.0, 1.0

    def pack(self, z: Tensor) -> Tensor:
        """Pictures."""
        return without_time(z)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Videos of one frame."""
        del shape
        return with_time(output)

    def arguments(self, call: Call) -> dict[str, Any]:
        """The class, for models of classes."""
        return class_argument(call)

    def classes(self, configs: Configs) -> int:
        """As the network has them."""
        return int(configs.denoiser["num_class_embeds"] or 0)

    def refuses(self, configs: Configs) -> str | None:
        """Networks that see more than a noisy picture."""
        return refuses_unet2d(configs)

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return DDPM
