"""The kit's own prior with a residual."""

from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.prior.residual import ResidualPrior
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.video.space import VideoSpace

STD: Final = 0.05


@final
@attrs.frozen
class SmallResidual(ResidualPrior):
    """``x = D(z) + 0.05 u`` with one white image ``u`` in all frames; it is the latent's last frame.

    Attributes:
        prior: of latents as large as the video.
    """

    prior: Prior

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only
        """The schedule of the wrapped prior."""
        return self.prior.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The prior's, with one more frame."""
        c, t, h, w = self.prior.latent_shape(space)
        return (c, t + 1, h, w)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t+1 h w"]:
        """The prior's, and no residual."""
        z = self.prior.encode(video)
        return self.joined(z, torch.zeros_like(z[:, :, :1]))

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t-1 h w"]:
        """``D(z) + 0.05 u``."""
        own, u = self.parted(z)
        return self.added(self.prior.decode(own), u)

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The prior's, and that of a unit Gaussian."""
        own, u = self.parted(z)
        found = self.prior.predict(own, level, condition)
        power = level.a**2 + level.s**2
        return Prediction(self.joined(found.z0, level.a / power * u), self.joined(found.eps, level.s / power * u))

    def parted(self, latent: Float[Tensor, "b c t h w"]) -> tuple[Tensor, Tensor]:
        """All frames but the last, and the last."""
        return latent[:, :, :-1], latent[:, :, -1:]

    def joined(self, z: Tensor, u: Tensor) -> Float[Tensor, "b c t h w"]:
        """One after the other."""
        return torch.cat([z, u], 2)

    def added(self, video: Float[Tensor, "b c t h w"], u: Tensor) -> Float[Tensor, "b c t h w"]:
        """``video + 0.05 u``."""
        return video + STD * u
