"""`JiT`: a plain transformer on pixels, by azula's copy of its network."""

from typing import Any, ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.errors import ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.schedule import FlowSchedule, NoiseLevel
from invsolve_azula.families.family import Config, Family, Pictures
from invsolve_azula.requirement import azula_module


@final
@attrs.frozen
class JiT(Family):
    """The clean picture, at the time ``a / (a + s)``; it sees ``z / (a + s)``.

    Its blocks are compiled by their authors; here they run as they are written, for compiled graphs are not
    differentiated twice.

    References:
        Li and He 2025; config as azula's cards have it, or the arguments of the network.
    """

    name: ClassVar[str] = "jit"
    title: ClassVar[str] = "JiT"
    references: ClassVar[tuple[str, ...]] = (
        "@misc{li2025back, title={Back to Basics: Let Denoising Generative Models Denoise}, "
        "author={Li, Tianhong and He, Kaiming}, year={2025}, eprint={2511.13720}, archivePrefix={arXiv}}",
    )
    labels_may_miss: ClassVar[bool] = True

    def network(self, config: Config) -> nn.Module:
        """azula's copy of the transformer."""
        models = azula_module("plugins.jit._src.model")
        given = dict(config)
        name = given.pop("model", None)
        try:
            network: nn.Module = models.JiT(**given) if name is None else models.JiT_models[name](**given)
        except (TypeError, ValueError, KeyError, ZeroDivisionError, RuntimeError) as error:
            raise ComponentError(f"this is no config of a JiT network: {type(error).__name__}: {error}") from error
        return network

    def schedule(self, config: Config) -> FlowSchedule:
        """Straight lines."""
        del config
        return FlowSchedule()

    def pictures(self, config: Config) -> Pictures:
        """Square ones, 16 patches wide in the published models."""
        patch = 32 if str(config.get("model", "")).endswith("/32") else 16
        resolution = int(config.get("input_size", 16 * patch if "model" in config else 256))
        return Pictures(int(config.get("in_channels", 3)), resolution, int(config.get("num_classes", 1000)))

    def predict(
        self, network: Any, config: Config, z: Float[Tensor, "b c 1 h w"], level: NoiseLevel, label: int | None
    ) -> Prediction:
        """One call of the transformer; without a label under its class for none."""
        size = level.a + level.s
        times = torch.full((len(z),), level.a / size, dtype=z.dtype, device=z.device)
        labels = torch.full((len(z),), self.pictures(config).classes if label is None else label, device=z.device)
        with torch.compiler.set_stance("force_eager"):
            clean = network(z[:, :, 0] / size, times, y=labels)[:, :, None]
        return Prediction.from_clean(z, clean, level)

    def tiny(self) -> Config:
        """Two blocks, four patches."""
        return {
            "input_size": 8,
            "patch_size": 4,
            "hidden_size": 32,
            "depth": 2,
            "num_heads": 2,
            "num_classes": 5,
            "bottleneck_dim": 8,
            "in_context_len": 2,
            "in_context_start": 1,
        }
