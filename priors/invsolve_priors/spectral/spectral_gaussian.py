"""`SpectralGaussian`: a stationary normal law of videos of any size, exact."""

from functools import cached_property
from typing import ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import CapabilityError, ComponentError
from invsolve.operator import LinearOperator
from invsolve.prior import TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.validators import number
from invsolve.video.space import VideoSpace
from invsolve_priors.spectral.eigenvalues import Eigenvalues
from invsolve_priors.spectral.observation_gain import IterativeGain, ObservationGain, StationaryGain
from invsolve_priors.spectral.power_law import PowerLaw
from invsolve_priors.spectral.spectral_conditional import FilteredConditional, SpectralConditional
from invsolve_priors.spectral.stationary_operator import StationaryOperator

positive = number(above=0.0)
exponent = number(least=0.0)


@final
@attrs.frozen
class SpectralGaussian(TractablePrior):
    """``x = mean + std z0``, ``z0`` normal, stationary and periodic, of unit variance, with a power-law spectrum.

    With ``f^2 = fy^2 + fx^2 + cutoff^2`` [cycles/pixel] and ``ft`` [cycles/frame] the spectrum of each channel is

        P(ft, fy, fx) ~ f^-p (1 + (ft / (speed f))^2)^(-q/2)

    and any two channels have the correlation `channel_correlation`. The factor of time has mean 1 at each spatial
    frequency: every frame has the law of a single picture, and detail of size ``1/f`` changes over some
    ``1 / (speed f)`` frames, as what moves by `speed` pixels a frame does. All of it is diagonal in Fourier:

        z0 = a C (a^2 C + s^2 I)^-1 z        Cov[z0 | z] = s^2 C (a^2 C + s^2 I)^-1

    takes one transform there and one back, on videos of any number of frames, rows, columns and channels.

    The conditional law given ``y = A x + sigma n`` is exact for every linear operator. Where ``A`` treats all places
    alike (periodic blurs, block averages, exposures, and their compositions) it takes one small system for each
    spatial frequency; otherwise conjugate gradients, preconditioned by the nearest operator that does, to a relative
    error of 1e-12 (1e-6 for observations in float32).

    **Defaults:** from five photographs of scikit-image (astronaut, coffee, chelsea, rocket, motorcycle), whose pixels
    have means from 0.26 to 0.45 and std from 0.14 to 0.32. Maximum likelihood on all five gives ``p = 2.8`` and leaves
    `cutoff` and `std` undetermined; these are round numbers, chosen by hand among some twenty settings on the same
    photographs, at which posteriors of shaken ones are nearly calibrated (errors of 0.8 to 1.1 times their std).
    `speed` and `temporal_exponent` are hardly more than a guess: with ``q = 2`` held, six clips gave 0.1 to 4 pixels a
    frame, and left free, most preferred a smaller ``q``, which compression noise favours too.

    Attributes:
        mean: of a pixel value, in [0, 1] units.
        std: of a pixel value, in [0, 1] units, positive.
        spatial_exponent: ``p``, at least 0.
        cutoff: [cycles/pixel] below it the spectrum is flat, positive.
        temporal_exponent: ``q``, at least 0.
        speed: [pixels/frame] how fast detail moves, positive.
        channel_correlation: in [0, 1).
        schedule: the noise levels; DDPM's linear schedule by default.

    References:
        Field 1987 (spectra of pictures) and Dong and Atick 1995 (of moving ones) for the power laws; the coupling of
        space and time and the defaults are this package's.

    Examples:
        ```python
        SpectralGaussian(spatial_exponent=2.8, cutoff=0.003, std=0.25)
        ```

        ```yaml
        prior: {use: spectral_gaussian, spatial_exponent: 2.8, cutoff: 0.003, std: 0.25}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{field1987relations, title={Relations between the statistics of natural images and the response "
        "properties of cortical cells}, author={Field, David J.}, journal={Journal of the Optical Society of America "
        "A}, volume={4}, number={12}, pages={2379--2394}, year={1987}}",
        "@article{dong1995statistics, title={Statistics of natural time-varying images}, author={Dong, Dawei W. and "
        "Atick, Joseph J.}, journal={Network: Computation in Neural Systems}, volume={6}, number={3}, "
        "pages={345--358}, year={1995}}",
    )
    decodes_frames_alone: ClassVar[bool] = True

    mean: float = attrs.field(default=0.4, validator=number())
    std: float = attrs.field(default=0.25, validator=positive)
    spatial_exponent: float = attrs.field(default=2.8, validator=exponent)
    cutoff: float = attrs.field(default=0.003, validator=positive)
    temporal_exponent: float = attrs.field(default=2.0, validator=exponent)
    speed: float = attrs.field(default=0.5, validator=positive)
    channel_correlation: float = attrs.field(default=0.9, validator=[number(least=0.0), number(below=1.0)])
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c t h w`` of `space`, whatever it is."""
        return space.shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``(x - mean) / std``."""
        return (video - self.mean) / self.std

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``mean + std z``."""
        return self.mean + self.std * z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The posterior mean of ``z0`` given ``z``, the noise, and the law ``p(z0 | z)``; `condition` is not used."""
        a, s = _noisy(level)
        covariance = self._half(z)
        # Filter for the smaller part of z: the other is what is left, without cancellation.
        if s < a:
            eps = covariance.map(lambda values: s / (a**2 * values + s**2)).apply(z)
            z0 = (z - s * eps) / a
        else:
            z0 = covariance.map(lambda values: a * values / (a**2 * values + s**2)).apply(z)
            eps = (z - a * z0) / s
        return Prediction(z0, eps, FilteredConditional(z0, covariance, level))

    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Float[Tensor, "b c2 t2 h2 w2"],
        noise_std: float,
    ) -> Conditional:
        """``p(z0 | z, y)``, a `SpectralConditional`; ``p(z0 | y)`` without `z` and `level`."""
        if not noise_std > 0:
            raise ComponentError(f"noise_std must be positive, got {noise_std}.")
        if z is None or level is None:
            shape = operator.input_space(VideoSpace.of(observation)).shape
            start = torch.zeros(len(observation), *shape, dtype=observation.dtype, device=observation.device)
            covariance = self._full(start)
        else:
            start = self.predict(z, level).z0
            covariance = self._full(start).remaining(level)
        seen = operator.forward(self.decode(start))
        VideoSpace.of(seen).check(observation, "the observation")
        pixels = covariance.map(lambda values: self.std**2 * values)
        with torch.no_grad():
            gain = self._gain(operator, pixels, start.shape[1:], observation, noise_std)
        mean = start + gain.correct(observation - seen) / self.std
        return SpectralConditional(mean, self.std, pixels, gain, operator, observation, noise_std)

    def _gain(
        self,
        operator: LinearOperator,
        pixels: Eigenvalues,
        latent: torch.Size,
        observation: Tensor,
        noise_std: float,
    ) -> ObservationGain:
        """For pixels of that covariance: in closed form where the operator treats all places alike."""
        # An operator is frozen: its identity is enough to know it again, as long as it is kept alive.
        key = (id(operator), latent, observation.shape[1:], observation.device)
        _, model = self._models.get(
            key, lambda: (operator, StationaryOperator.probe(operator, latent, observation.double()))
        )
        near = None if model is None else StationaryGain.of(model, pixels, noise_std**2)
        if near is not None and near.operator.exact:
            return near
        tolerance = 1e-12 if observation.dtype == torch.float64 else 1e-6
        return IterativeGain(operator, pixels.half(pixels.grey), noise_std**2, near, tolerance)

    def _full(self, like: Tensor) -> Eigenvalues:
        """The covariance of latents shaped like `like`, over all frequencies, in float64 on its device."""

        def make() -> Eigenvalues:
            law = PowerLaw(self.spatial_exponent, self.cutoff, self.temporal_exponent, self.speed)
            frames, height, width = like.shape[-3:]
            power = law.on_grid(frames, height, width, like.device)
            return Eigenvalues.covariance(power, like.shape[1], self.channel_correlation)

        return self._fulls.get((like.shape[1:], like.device), make)

    def _half(self, like: Tensor) -> Eigenvalues:
        """The half of `_full` that real transforms need, in the dtype of `like`."""
        key = (like.shape[1:], like.device, like.dtype)
        return self._halves.get(key, lambda: self._full(like).half(like))

    @cached_property
    def _fulls(self) -> Cache:
        return Cache(2)

    @cached_property
    def _halves(self) -> Cache:
        return Cache(4)

    @cached_property
    def _models(self) -> Cache:
        return Cache(2)


def _noisy(level: NoiseLevel) -> tuple[float, float]:
    if level.s == 0:
        raise CapabilityError("a clean latent (s = 0) needs no prediction: stop at the last noisy level.")
    return level.a, level.s
