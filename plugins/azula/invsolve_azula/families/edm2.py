"""`EDM2`: the networks of "Analyzing and Improving the Training Dynamics"."""

from typing import Any, ClassVar, Final, final

import attrs
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.schedule import EDMSchedule, NoiseLevel
from invsolve_azula.families.family import Config, Family, Pictures
from invsolve_azula.families.preconditioned import DATA, preconditioned
from invsolve_azula.networks.magnitude_unet import MagnitudeUNet

OF_WHOLE: Final = ("sigma_data", "latent_scale", "latent_bias")


@final
@attrs.frozen
class EDM2(Family):
    """The clean picture, or the clean latent of Stable Diffusion's autoencoder, preconditioned.

    ``latent_scale`` and ``latent_bias`` of the config take the autoencoder's latents to the network's.

    References:
        Karras et al. 2024; config as its checkpoints have it.
    """

    name: ClassVar[str] = "edm2"
    title: ClassVar[str] = "EDM2"
    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{karras2024analyzing, title={Analyzing and Improving the Training Dynamics of Diffusion "
        "Models}, author={Karras, Tero and Aittala, Miika and Lehtinen, Jaakko and Hellsten, Janne and Aila, Timo "
        "and Laine, Samuli}, booktitle={CVPR}, year={2024}}",
    )
    labels_may_miss: ClassVar[bool] = True

    def network(self, config: Config) -> nn.Module:
        """The U-Net, under the names of the checkpoints."""
        given = {name: value for name, value in config.items() if name not in OF_WHOLE}
        try:
            return MagnitudeUNet(**given)
        except (TypeError, ValueError, ZeroDivisionError, RuntimeError) as error:
            raise ComponentError(f"this is no config of an EDM2 network: {type(error).__name__}: {error}") from error

    def schedule(self, config: Config) -> EDMSchedule:
        """Sigmas from 80 down to 0.002."""
        del config
        return EDMSchedule()

    def pictures(self, config: Config) -> Pictures:
        """Square ones."""
        return Pictures(int(config["img_channels"]), int(config["img_resolution"]), int(config.get("label_dim", 0)))

    def predict(
        self, network: Any, config: Config, z: Float[Tensor, "b c 1 h w"], level: NoiseLevel, label: int | None
    ) -> Prediction:
        """One call of the network."""
        labels = self.pictures(config).classes
        return preconditioned(network, z, level, float(config.get("sigma_data", DATA)), labels, label)

    def tiny(self) -> Config:
        """Two resolutions, attention at the lower."""
        return {
            "img_resolution": 8,
            "img_channels": 3,
            "label_dim": 3,
            "model_channels": 32,
            "channel_mult": [1, 2],
            "num_blocks": 1,
            "attn_resolutions": [4],
        }
