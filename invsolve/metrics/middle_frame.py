"""Metric `middle_frame`: the one frame that single-image methods restore."""

from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.metrics.ssim import WINDOW, ssim


@final
@attrs.frozen
class MiddleFrame(Metric):
    """PSNR [dB] and SSIM of the frame in the middle of the exposure, the one that deblurring a picture restores.

    Of an even number ``t`` of frames, ``t / 2 - 1`` and ``t / 2`` are both in the middle: the better of the two counts,
    for each sample and measure. Gives ``psnr_middle`` and ``ssim_middle`` for each sample, ``psnr_middle_mean`` and
    ``ssim_middle_mean`` of the posterior mean. Empty without a truth; no SSIM for pictures smaller than its window.

    Examples:
        ```python
        MiddleFrame().evaluate(reconstruction)["psnr_middle"]
        ```

        ```yaml
        metrics: [{use: middle_frame}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("psnr_middle", "PSNR, middle frame", "dB", decimals=2, better="higher"),
        Score("ssim_middle", "SSIM, middle frame", decimals=4, better="higher"),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios and similarities."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        middle = middle_frames(truth)
        samples = [middle_frames(sample) for sample in reconstruction.video]
        mean = middle_frames(reconstruction.mean)
        values: dict[str, float | list[float]] = {
            "psnr_middle": [max(map(psnr, sample, middle)) for sample in samples],
            "psnr_middle_mean": max(map(psnr, mean, middle)),
        }
        if min(truth.shape[-2:]) >= WINDOW:
            values["ssim_middle"] = [max(map(ssim, sample, middle)) for sample in samples]
            values["ssim_middle_mean"] = max(map(ssim, mean, middle))
        return values


def middle_frames(video: Float[Tensor, "b c t h w"]) -> tuple[Float[Tensor, "b c 1 h w"], ...]:
    """The middle frame, or both of an even number."""
    frames = video.shape[2]
    return tuple(video[:, :, i : i + 1] for i in sorted({(frames - 1) // 2, frames // 2}))
