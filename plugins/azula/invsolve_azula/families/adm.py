"""`ADM`: the ablated diffusion model of guided-diffusion, by azula's copy of its network."""

from typing import Any, ClassVar, Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import CapabilityError, ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.schedule import DiscreteSchedule, NoiseLevel
from invsolve_azula.families.family import Config, Family, Pictures
from invsolve_azula.requirement import azula_module

SLACK: Final = 1e-12  # of a noise level that is one of the table's but for rounding
LINEAR: Final = (0.1, 20.0)  # beta_1 and beta_T times T: Dhariwal and Nichol 2021, after Ho et al. 2020


@final
@attrs.frozen
class ADM(Family):
    """``eps`` and the logarithm of the step's variance, at one of ``T`` discrete times.

    At a level ``(a, s)`` it sees ``z / sqrt(a^2 + s^2)`` at the first time that is at least as noisy, so that any
    schedule will do.

    References:
        Dhariwal and Nichol 2021; config as azula's cards have it.
    """

    name: ClassVar[str] = "adm"
    title: ClassVar[str] = "ADM"
    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{dhariwal2021diffusion, title={Diffusion Models Beat {GANs} on Image Synthesis}, "
        "author={Dhariwal, Prafulla and Nichol, Alexander}, booktitle={NeurIPS}, year={2021}}",
    )
    labels_may_miss: ClassVar[bool] = False

    def network(self, config: Config) -> nn.Module:
        """azula's copy of the U-Net."""
        try:
            denoiser = azula_module("plugins.adm").make_model(**config)
        except (TypeError, ValueError, AssertionError, KeyError, ZeroDivisionError) as error:
            raise ComponentError(f"this is no config of an ADM network: {type(error).__name__}: {error}") from error
        backbone: nn.Module = denoiser.backbone
        return backbone

    def schedule(self, config: Config) -> DiscreteSchedule:
        """The discrete times of its training."""
        steps = int(config.get("discrete_steps", 1000))
        if config.get("discrete_schedule", "linear") == "cosine":
            return DiscreteSchedule(betas="cosine", timesteps=steps)
        return DiscreteSchedule(beta_start=LINEAR[0] / steps, beta_end=LINEAR[1] / steps, timesteps=steps)

    def pictures(self, config: Config) -> Pictures:
        """Square ones."""
        return Pictures(
            int(config.get("image_channels", 3)), int(config.get("image_size", 64)), int(config.get("num_classes") or 0)
        )

    def predict(
        self, network: Any, config: Config, z: Float[Tensor, "b c 1 h w"], level: NoiseLevel, label: int | None
    ) -> Prediction:
        """One call of the U-Net; with the fraction of the step's variance, where it was trained to predict it."""
        if level.a == 0:
            raise CapabilityError("ADM predicts noise, which holds no clean estimate where there is no signal (a = 0).")
        size = float(np.hypot(level.a, level.s))
        sigmas = np.sqrt(1 - self.schedule(config).alphas_cumprod)
        index = min(int(np.searchsorted(sigmas, level.s / size - SLACK)), len(sigmas) - 1)
        times = torch.full((1,), index, device=z.device)
        labels = None if label is None else torch.full((len(z),), label, device=z.device)
        output = network(z[:, :, 0] / size, times, y=labels)[:, :, None]
        channels = z.shape[1]
        found = Prediction.from_eps(z, output[:, :channels], level)
        if output.shape[1] == channels:
            return found
        return attrs.evolve(found, variance_fraction=(output[:, channels:] + 1) / 2)

    def tiny(self) -> Config:
        """Two resolutions, attention at the lower."""
        return {
            "attention_resolutions": [4],
            "channel_mult": [1, 2],
            "image_size": 8,
            "num_channels": 32,
            "num_classes": None,
            "num_head_channels": 16,
            "num_res_blocks": 1,
            "resblock_updown": True,
            "use_scale_shift_norm": True,
        }
