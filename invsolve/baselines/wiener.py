"""Baseline `wiener`: linear deconvolution by the best straight motion."""

import math
from typing import ClassVar, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.baselines.baseline import Baseline, truth_of
from invsolve.baselines.stretched_observation import observation_in_space
from invsolve.media.recording import Recording
from invsolve.problem import Problem
from invsolve.validators import number, whole

CUTOFF: Final = 0.02  # cycles/pixel below which the spectrum of a picture is taken to be flat


@final
@attrs.frozen
class Wiener(Baseline):
    """Each observed frame deconvolved as if the whole picture had moved along one line, repeated for all frames.

    ``X = K Y / (K^2 + N / S)`` in Fourier, with the line's transfer function ``K = sinc(length (fx cos + fy sin))``,
    the power ``N`` of the noise, and a picture's ``S ~ (f^2 + 0.02^2)^(-exponent / 2)``, scaled to the variance
    observed. The picture is mirrored at its borders, which is exact for lines along its rows or columns.

    *The truth chooses the line*: of all lengths and angles the one with the least mean squared error to the true video,
    for each observation. It is thus the best that such a filter can do, not what it would do unaided.

    Attributes:
        longest: length of the longest line [pixels], at least 1; all whole lengths from 1 up are tried, 1 being nearly
            a mere denoiser.
        angles: how many, evenly over half a turn, at least 1.
        exponent: of the power spectrum, at least 0.

    Raises:
        CapabilityError: without a truth, and where the observation has other channels or another size.

    References:
        Wiener 1949; the line's transfer function is the Fourier transform of a box.

    Examples:
        ```python
        Wiener(longest=16, angles=12, exponent=2.8)
        ```

        ```yaml
        baselines: {wiener: {use: wiener, longest: 16, angles: 12, exponent: 2.8}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@book{wiener1949extrapolation, title={Extrapolation, Interpolation, and Smoothing of Stationary Time Series}, "
        "author={Wiener, Norbert}, publisher={MIT Press}, year={1949}}",
    )

    longest: int = attrs.field(default=16, validator=whole(least=1))
    angles: int = attrs.field(default=12, validator=whole(least=1))
    exponent: float = attrs.field(default=2.8, validator=number(least=0.0))

    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """The best of all lines for each observation."""
        truth = truth_of(problem, recording, "wiener")
        observation = problem.observation
        noise = problem.noise.standard_deviation(observation).square().mean((1, 2, 3, 4), keepdim=True)
        best, least = None, torch.full((len(observation),), math.inf, device=observation.device)
        for length in range(1, self.longest + 1):
            for number_ in range(self.angles):
                sharp = self.filtered(observation, noise, float(length), math.pi * number_ / self.angles)
                video = observation_in_space(problem, recording, sharp)
                error = (video - truth).square().flatten(1).mean(1)
                better = (error < least).reshape(-1, 1, 1, 1, 1)
                best = video if best is None else torch.where(better, video, best)
                least = torch.minimum(error, least)
        assert best is not None
        return best

    def filtered(
        self, observation: Float[Tensor, "b c t h w"], noise: Float[Tensor, "b 1 1 1 1"], length: float, angle: float
    ) -> Float[Tensor, "b c t h w"]:
        """The observation deconvolved by a line of `length` [pixels] at `angle` [rad], given the noise variance."""
        height, width = observation.shape[-2:]
        mean = observation.mean((-2, -1), keepdim=True)
        mirrored = _mirrored(_mirrored(observation - mean, -2), -1)
        fy, fx = (torch.fft.fftfreq(size, dtype=observation.dtype) for size in mirrored.shape[-2:])
        fy, fx = fy.to(observation.device)[:, None], fx.to(observation.device)
        line = torch.sinc(length * (fx * math.cos(angle) + fy * math.sin(angle)))
        spectrum = (fx.square() + fy.square() + CUTOFF**2).pow(-self.exponent / 2)
        power = mirrored.square().mean((1, 2, 3, 4), keepdim=True) - noise
        ratio = noise * spectrum.mean() / (power.clamp_min(1e-2 * noise) * spectrum)
        sharp: Tensor = torch.fft.ifft2(torch.fft.fft2(mirrored) * line / (line.square() + ratio)).real
        return sharp[..., :height, :width] + mean


def _mirrored(video: Tensor, axis: int) -> Tensor:
    """One period of the even continuation: the outermost pixels are not repeated."""
    inner = video.narrow(axis, 1, max(0, video.shape[axis] - 2))
    return torch.cat([video, inner.flip(axis)], dim=axis)
