"""`from_azula`: any denoiser object of azula as a prior."""

from collections.abc import Mapping
from typing import Any, final

import attrs
import torch
from einops import rearrange
from torch import Tensor

from invsolve import CallablePrior, NoiseLevel
from invsolve.errors import ComponentError
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.given import converted


@final
@attrs.frozen
class DenoiserCall:
    """``E[z0 | z]`` of a denoiser of azula at a level of its own schedule.

    Attributes:
        denoiser: azula's, in evaluation mode.
        conditions: what else it is called with: a class label, an embedded prompt.
        channels_last: it takes ``b h w c`` (Flux).
    """

    denoiser: Any
    conditions: Mapping[str, Any] = attrs.field(factory=dict)
    channels_last: bool = False

    def __call__(self, z: Tensor, level: NoiseLevel) -> Tensor:
        """The mean of azula's posterior; ``z`` is ``b c h w``."""
        time = torch.tensor(level.time, dtype=z.dtype, device=z.device)
        if not self.channels_last:
            mean: Tensor = self.denoiser(z, time, **self.conditions).mean
            return mean
        mean = self.denoiser(rearrange(z, "b c h w -> b h w c"), time, **self.conditions).mean
        return rearrange(mean, "b h w c -> b c h w")


@final
@attrs.frozen
class Encoding:
    """An autoencoder of azula as a function; its draw of a latent is the same every time.

    Attributes:
        autoencoder: azula's.
        channels_last: its latents are ``b h w c`` (Flux).
    """

    autoencoder: Any
    channels_last: bool = False

    def __call__(self, video: Tensor) -> Tensor:
        """The latent of pictures."""
        with torch.random.fork_rng():
            torch.manual_seed(0)
            z: Tensor = self.autoencoder.encode(video)
        return rearrange(z, "b h w c -> b c h w") if self.channels_last else z


@final
@attrs.frozen
class Decoding:
    """The way back.

    Attributes:
        autoencoder: azula's.
        channels_last: its latents are ``b h w c`` (Flux).
    """

    autoencoder: Any
    channels_last: bool = False

    def __call__(self, z: Tensor) -> Tensor:
        """The pictures of latents."""
        x: Tensor = self.autoencoder.decode(rearrange(z, "b c h w -> b h w c") if self.channels_last else z)
        return x


def from_azula(
    denoiser: Any,
    *,
    autoencoder: Any = None,
    conditions: Mapping[str, Any] | None = None,
    values: tuple[float, float] = (-1.0, 1.0),
    channels_last: bool = False,
) -> CallablePrior:
    """A denoiser of azula as a prior of pictures, under its own schedule, which is converted exactly.

    Args:
        denoiser: such as ``azula.plugins.adm.load_model("ffhq_256x256")``, or one of your own, in evaluation mode.
        autoencoder: of a latent model, as azula's plugins give it.
        conditions: what else the denoiser is called with, such as ``text_encoder("a tram in the rain")``.
        values: of black and of white; those of the autoencoder, where there is one.
        channels_last: for Flux.

    Raises:
        ComponentError: for what is no denoiser of azula, or is in training mode.

    Examples:
        ```python
        denoiser, autoencoder, text = azula.plugins.sd.load_model("sd_2")
        prior = from_azula(denoiser, autoencoder=autoencoder, conditions=text(""), values=(0.0, 1.0))
        ```
    """
    if not isinstance(denoiser, azula_module("denoise").Denoiser):
        raise ComponentError(f"from_azula takes a denoiser of azula, got {type(denoiser).__name__}.")
    if denoiser.training:
        raise ComponentError("the denoiser is in training mode, where it draws random numbers; call its `.eval()`.")
    return CallablePrior(
        DenoiserCall(denoiser, conditions or {}, channels_last),
        converted(denoiser.schedule),
        frames_alone=True,
        values=values,
        encoder=None if autoencoder is None else Encoding(autoencoder, channels_last),
        decoder=None if autoencoder is None else Decoding(autoencoder, channels_last),
    )
