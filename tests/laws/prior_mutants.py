"""Priors that are wrong on purpose, each in one way, and a sound one beside them."""

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve.testing.small_prior import NormalConditional, SmallGaussian
from invsolve.video.space import VideoSpace

Shape = tuple[int, int, int, int]


@attrs.frozen
class WrongLatentShape(SmallGaussian):
    def latent_shape(self, space: VideoSpace) -> Shape:
        c, t, h, w = space.shape
        return (c, t, w, h)


@attrs.frozen
class DecodesInDouble(SmallGaussian):
    def decode(self, z: Tensor) -> Tensor:
        return SmallGaussian.decode(self, z).double()


@attrs.frozen
class DrawsWhenEncoding(SmallGaussian):
    def encode(self, video: Tensor) -> Tensor:
        return SmallGaussian.encode(self, video) + torch.randn_like(video)


@attrs.frozen
class PredictsInPlace(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        with torch.no_grad():
            z.clamp_(-1, 1)
        return SmallGaussian.predict(self, z, level)


@attrs.frozen
class NormalisesOverTheBatch(SmallGaussian):
    def decode(self, z: Tensor) -> Tensor:
        return SmallGaussian.decode(self, z - z.mean(0))


@attrs.frozen
class PredictsOverTheBatch(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        found = SmallGaussian.predict(self, z, level)
        return Prediction.from_clean(z, found.z0 / (1 + found.z0.abs().max()), level)


@attrs.frozen
class SmoothsFramesSilently(SmallGaussian):
    def decode(self, z: Tensor) -> Tensor:
        return SmallGaussian.decode(self, (z + z.roll(1, 2)) / 2)


@attrs.frozen
class WrongEps(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        found = SmallGaussian.predict(self, z, level)
        return Prediction(found.z0, 1.01 * found.eps)


@attrs.frozen
class Detached(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        return SmallGaussian.predict(self, z.detach(), level)


@attrs.frozen
class RootOfZero(SmallGaussian):
    def decode(self, z: Tensor) -> Tensor:
        return SmallGaussian.decode(self, z) + (z - z).clamp_min(0).sqrt()


@attrs.frozen
class HalvesLatents(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        return Prediction.from_clean(z, SmallGaussian.predict(self, z, level).z0 / 2, level)


@attrs.frozen
class BelievesPureNoise(SmallGaussian):
    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        found = SmallGaussian.predict(self, z, level)
        return Prediction.from_clean(z, found.z0 + 0.1 * level.s * z, level)


@attrs.frozen
class AnnouncesItsLaw(SmallGaussian):
    """Sound: predictions carry the law of the clean latent."""

    shift: float = 0.0

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        found = SmallGaussian.predict(self, z, level)
        size = found.z0[0].numel()
        law = NormalConditional(found.z0 + self.shift, torch.eye(size, dtype=z.dtype))
        return Prediction(found.z0, found.eps, law)


@attrs.frozen
class ForgetsTheLatent(SmallGaussian):
    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Tensor,
        noise_std: float,
    ) -> Conditional:
        return SmallGaussian.conditional(self, None, None, operator, observation, noise_std)


@attrs.frozen
class WrongSpread(SmallGaussian):
    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Tensor,
        noise_std: float,
    ) -> Conditional:
        law = SmallGaussian.conditional(self, z, level, operator, observation, noise_std)
        return NormalConditional(law.centre, law.covariance)  # the covariance in place of its root


@attrs.frozen
class WrongCentre(SmallGaussian):
    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Tensor,
        noise_std: float,
    ) -> Conditional:
        law = SmallGaussian.conditional(self, z, level, operator, observation, noise_std)
        return _OffCentre(law.centre, law.root)


@attrs.frozen(eq=False)
class _OffCentre(NormalConditional):
    @property
    def mean(self) -> Tensor:
        return self.centre + 0.2
