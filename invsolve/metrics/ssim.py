"""Metric `ssim`: structural similarity."""

from typing import ClassVar, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score

WINDOW, STD = 11, 1.5
K1, K2 = 0.01, 0.03
PIXELS = 2**20  # that are compared at a time: some twenty pictures of that size are in memory then


@final
@attrs.frozen
class SSIM(Metric):
    """Structural similarity in [-1, 1] of values clipped to [0, 1], the mean over frames; Gaussian window of std 1.5.

    Gives ``ssim`` for each sample, ``ssim_mean`` of the posterior mean, and ``ssim_observed`` of the observation
    itself where it can be compared. Empty without a truth, and for pictures smaller than the window of 11 pixels.

    References:
        Wang, Bovik, Sheikh and Simoncelli 2004, with K1 = 0.01 and K2 = 0.03.

    Examples:
        ```python
        SSIM().evaluate(reconstruction)["ssim"]
        ```

        ```yaml
        metrics: [{use: ssim}]
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{wang2004image,\n"
        "  title = {Image quality assessment: from error visibility to structural similarity},\n"
        "  author = {Wang, Zhou and Bovik, Alan C. and Sheikh, Hamid R. and Simoncelli, Eero P.},\n"
        "  journal = {IEEE Transactions on Image Processing},\n  volume = {13},\n  number = {4},\n"
        "  pages = {600--612},\n  year = {2004}\n}",
    )

    scores: ClassVar[tuple[Score, ...]] = (Score("ssim", "SSIM", decimals=4, better="higher", tables=("run",)),)

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The similarities."""
        truth = reconstruction.comparable_truth
        if truth is None or min(truth.shape[-2:]) < WINDOW:
            return {}
        values: dict[str, float | list[float]] = {
            "ssim": [ssim(sample, truth) for sample in reconstruction.video],
            "ssim_mean": ssim(reconstruction.mean, truth),
        }
        observed = reconstruction.observation_as_truth
        if observed is not None:
            values["ssim_observed"] = ssim(observed, truth)
        return values


def ssim(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> float:
    """The SSIM of `video`, the mean over observations and frames."""
    return float(ssim_frames(video, truth).mean())


def ssim_frames(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b t"]:
    """The SSIM of each frame, the mean over channels and pixels; pictures are mirrored at their borders.

    Windows of a Gaussian are applied to rows, then to columns, in float64.
    """
    b, c, t, h, w = video.shape
    together = max(1, PIXELS // (h * w))
    x, y = (torch.split(rearrange(v, "b c t h w -> (b c t) 1 h w"), together) for v in (video, truth))
    similarity = torch.cat([_similarity(one, other) for one, other in zip(x, y, strict=True)])
    return similarity.reshape(b, c, t).mean(1)


def _similarity(video: Float[Tensor, "n 1 h w"], truth: Float[Tensor, "n 1 h w"]) -> Float[Tensor, " n"]:
    x, y = (v.double().clamp(0, 1) for v in (video, truth))
    mean_x, mean_y, square_x, square_y, product = _blurred(torch.stack([x, y, x * x, y * y, x * y])).unbind(0)
    variances = square_x - mean_x.square() + square_y - mean_y.square()
    similarity = (2 * mean_x * mean_y + K1**2) * (2 * (product - mean_x * mean_y) + K2**2)
    similarity = similarity / ((mean_x.square() + mean_y.square() + K1**2) * (variances + K2**2))
    return similarity.mean((1, 2, 3))


def _blurred(pictures: Float[Tensor, "k n 1 h w"]) -> Float[Tensor, "k n 1 h w"]:
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    window = torch.exp(-(offsets / STD).square() / 2)
    weights = (window / window.sum()).tolist()
    padded = torch.nn.functional.pad(pictures.flatten(0, 1), (WINDOW // 2,) * 4, mode="reflect")
    for axis in (-2, -1):
        padded = _weighted(padded, axis, weights)
    return padded.reshape(*pictures.shape)


def _weighted(pictures: Tensor, axis: int, weights: list[float]) -> Tensor:
    """A sum of shifted pictures: several times faster than a convolution of one channel, in float64 above all."""
    size = pictures.shape[axis] - len(weights) + 1
    total = torch.zeros_like(pictures.narrow(axis, 0, size))
    for offset, weight in enumerate(weights):
        total.add_(pictures.narrow(axis, offset, size), alpha=weight)
    return total
