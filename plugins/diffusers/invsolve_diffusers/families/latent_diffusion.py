"""The family `latent_diffusion`: unconditional latent diffusion of pictures behind a VQGAN (LDM)."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
from torch import Tensor

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.unet2d import LATENT_DIFFUSION
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.pictures import ONE, with_time, without_time
from invsolve_diffusers.families.scaled import by_factor, picture_downsampling
from invsolve_diffusers.families.unet2d import class_argument, halvings, refuses_unet2d
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.quantised import QuantisedCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw


@final
@attrs.frozen
class LatentDiffusion(Family):
    """Unconditional latent diffusion, for pictures of one frame, behind an autoencoder with a codebook.

    References:
        Rombach et al. 2022; layouts as in diffusers 0.42.

    Examples:
        ```python
        LatentDiffusion()
        ```

        ```yaml
        prior: {use: diffusers, path: FOLDER}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{rombach2022latent, title={High-Resolution Image Synthesis with Latent Diffusion Models}, "
        'author={Rombach, Robin and Blattmann, Andreas and Lorenz, Dominik and Esser, Patrick and Ommer, Bj{\\"o}rn}, '
        "booktitle={CVPR}, year={2022}}",
    )
    name: ClassVar[str] = "latent_diffusion"
    title: ClassVar[str] = "latent diffusion of pictures (LDM with a VQGAN)"
    denoiser_class: ClassVar[str] = "UNet2DModel"
    denoiser_folder: ClassVar[str] = "unet"
    decoder_class: ClassVar[str] = "VQModel"
    decoder_folder: ClassVar[str] = "vqvae"
    codec: ClassVar[Codec] = QuantisedCodec()
    noise: ClassVar[NoiseLaw] = Table()

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One."""
        del configs
        return ONE

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder of pictures does."""
        return picture_downsampling(configs)

    def patch(self, configs: Configs) -> int:
        """A half for each level of the network."""
        return halvings(configs)

    def normal(self, vae: Any) -> Affine:
        """By its factor."""
        return by_factor(vae)

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
        return LATENT_DIFFUSION
