"""`EDM`: the networks of "Elucidating the Design Space"."""

from typing import Any, ClassVar, Final, final

import attrs
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.schedule import EDMSchedule, NoiseLevel
from invsolve_azula.families.family import Config, Family, Pictures
from invsolve_azula.families.preconditioned import DATA, preconditioned
from invsolve_azula.networks.dhariwal_unet import DhariwalUNet
from invsolve_azula.networks.song_unet import SongUNet

NETWORKS: Final[dict[str, type[nn.Module]]] = {"SongUNet": SongUNet, "DhariwalUNet": DhariwalUNet}
OF_WHOLE: Final = ("img_channels", "sigma_data", "model_type")


@final
@attrs.frozen
class EDM(Family):
    """The clean picture, preconditioned; DDPM++, NCSN++ and ADM networks, which azula has no copy of.

    References:
        Karras, Aittala, Aila and Laine 2022; config as its checkpoints have it.
    """

    name: ClassVar[str] = "edm"
    title: ClassVar[str] = "EDM"
    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{karras2022elucidating, title={Elucidating the Design Space of Diffusion-Based Generative "
        "Models}, author={Karras, Tero and Aittala, Miika and Aila, Timo and Laine, Samuli}, booktitle={NeurIPS}, "
        "year={2022}}",
    )
    labels_may_miss: ClassVar[bool] = True

    def network(self, config: Config) -> nn.Module:
        """DDPM++, NCSN++ or ADM, under the names of the checkpoints."""
        kind = config.get("model_type", "DhariwalUNet")
        if kind not in NETWORKS:
            raise ComponentError(
                f"this is no config of an EDM network: model_type is {kind!r}, not one of {[*NETWORKS]}."
            )
        given = {name: value for name, value in config.items() if name not in OF_WHOLE}
        channels = int(config["img_channels"])
        try:
            return NETWORKS[kind](in_channels=channels, out_channels=channels, **given)
        except (TypeError, ValueError, ZeroDivisionError, RuntimeError) as error:
            raise ComponentError(f"this is no config of an EDM network: {type(error).__name__}: {error}") from error

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
        """NCSN++ with two resolutions."""
        return {
            "model_type": "SongUNet",
            "img_resolution": 8,
            "img_channels": 3,
            "label_dim": 3,
            "augment_dim": 9,
            "model_channels": 16,
            "channel_mult": [1, 2],
            "num_blocks": 1,
            "attn_resolutions": [4],
            "embedding_type": "fourier",
            "channel_mult_noise": 2,
            "encoder_type": "residual",
            "resample_filter": [1, 3, 3, 1],
        }
