"""`ResidualImage`: a latent prior whose decoder is not the last word."""

import math
from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.prior import ConditionForm, Prior
from invsolve.prior.prediction import Prediction
from invsolve.prior.residual import ResidualPrior
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import instance, number, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class ResidualImage(ResidualPrior):
    """``x = D(z) + std u``: what a decoder cannot draw is white noise ``u ~ N(0, I)``, the same in every frame.

    An autoencoder loses fine detail, most of it in what stands still. A solver that only knows ``D(z)`` must either
    leave the observation unexplained or bend the latent to imitate detail; with ``u`` next to the latent it does
    neither. Every guidance rule works as before; the sampler `collapsed` knows that ``u`` is Gaussian and draws it
    exactly, which a rule whose steps have a length of their own does not. The latent is that of the prior with further
    frames, which hold the pixels of ``u`` and, where they do not fill the last one, numbers that mean nothing.

    The residual's denoiser is exact: ``z0 = a z / (a^2 + s^2)``. With ``std`` near the noise of the observation, a
    sample carries that part of the noise which cannot be told from detail.

    Attributes:
        prior: with a decoder.
        frames: of the prior's own latent; the others are the residual's.
        std: of the residual, in units of the video: the root mean square of ``mean over t of x - D(encode(x))``.

    Raises:
        SpaceError: where the prior does, and for videos whose latent has not ``frames`` frames.

    Examples:
        ```python
        ResidualImage(STDiT(weights="blocksworld"), frames=10, std=0.01)
        ```

        ```yaml
        prior: {use: residual_image, prior: {use: stdit, weights: blocksworld}, frames: 10, std: 0.01}
        ```
    """

    prior: Prior = attrs.field(validator=instance(Prior))
    frames: int = attrs.field(validator=whole(least=1))
    std: float = attrs.field(default=0.01, validator=number(above=0.0))

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only
        """The noise levels of the wrapped prior."""
        return self.prior.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The prior's, with as many more frames as the pixels of one frame of the video need."""
        c, t, h, w = self.prior.latent_shape(space)
        if t != self.frames:
            raise SpaceError(f"{self} is for latents of {self.frames} frames; those of {space} have {t}: frames={t}.")
        pixels = space.channels * space.height * space.width
        return (c, t + math.ceil(pixels / (c * h * w)), h, w)

    @property
    def condition_form(self) -> ConditionForm:  # type: ignore[override]  # read-only
        """The form of the wrapped prior's condition."""
        return self.prior.condition_form

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The prior's latent, and what its decoder loses of it on average over time."""
        z = self.prior.encode(video)
        lost = (video - self.prior.decode(z)).mean(2).flatten(1) / self.std
        b, c, _, h, w = z.shape
        more = math.ceil(lost.shape[1] / (c * h * w))
        filled = torch.nn.functional.pad(lost, (0, more * c * h * w - lost.shape[1]))
        return torch.cat([z, filled.view(b, c, more, h, w)], 2)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """The decoded latent plus the residual, in every frame."""
        own, residual = self.parted(z)
        return self.added(self.prior.decode(own), residual)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The prior's prediction, and the exact one of the residual."""
        own, residual = self.parted(z)
        found = self.prior.predict(own, level, condition)
        power = level.a**2 + level.s**2
        fraction = found.variance_fraction
        return Prediction(
            torch.cat([found.z0, (level.a / power) * residual], 2),
            torch.cat([found.eps, (level.s / power) * residual], 2),
            # a unit Gaussian's own steps have the largest variance
            variance_fraction=None if fraction is None else torch.cat([fraction, torch.ones_like(residual)], 2),
        )

    def parted(self, latent: Float[Tensor, "b zc zt zh zw"]) -> tuple[Tensor, Tensor]:
        """The prior's frames, and the others."""
        return latent[:, :, : self.frames], latent[:, :, self.frames :]

    def joined(self, z: Tensor, u: Tensor) -> Float[Tensor, "b zc zt zh zw"]:
        """One after the other."""
        return torch.cat([z, u], 2)

    def added(self, video: Float[Tensor, "b c t h w"], u: Tensor) -> Float[Tensor, "b c t h w"]:
        """``video + std u``, the same in every frame."""
        b, c, _, h, w = video.shape
        return video + self.std * u.flatten(1)[:, : c * h * w].view(b, c, 1, h, w)
