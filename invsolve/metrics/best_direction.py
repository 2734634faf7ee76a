"""Metric `best_direction`: differences to the truth or to its reverse, whichever is nearer."""

from typing import ClassVar, final

import attrs
import torch

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.metrics.ssim import WINDOW, ssim
from invsolve.metrics.temporal_psnr import t_psnr
from invsolve.posterior.time_direction import turned


@final
@attrs.frozen
class BestDirection(Metric):
    """PSNR [dB], SSIM and T-PSNR [dB] in the better of the two directions of time, chosen once for each video.

    A blur is the same forwards and backwards, so a sample that runs backwards is not worse. Gives, for each sample,
    ``psnr_best_direction``, ``ssim_best_direction``, ``t_psnr_best_direction`` and ``runs_forward`` (1 or 0); and

    - ``psnr_best_of_samples``: the best sample's ``psnr_best_direction``;
    - ``psnr_mean_of_samples``: that of the mean of the samples, which are turned to one direction of time first,
      without a look at the truth, where the operator is blind to it;
    - ``both_directions``: 1 where some samples run forwards and some backwards, 0 otherwise.

    Of single frames there is nothing about time: neither T-PSNR nor directions. Empty without a truth.

    Examples:
        ```python
        BestDirection().evaluate(reconstruction)["psnr_best_direction"]
        ```

        ```yaml
        metrics: [{use: best_direction}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score(
            "psnr_best_direction",
            "PSNR, better way",
            "dB",
            decimals=2,
            better="higher",
            mean="psnr_mean_of_samples",
        ),
        Score("psnr_mean_of_samples", "of mean", "dB", decimals=2, better="higher", tables=("clips",)),
        Score("psnr_best_of_samples", "best of K", "dB", decimals=2, better="higher", tables=("clips",)),
        Score("t_psnr_best_direction", "T-PSNR, better way", "dB", decimals=2, better="higher", tables=("run",)),
        Score("ssim_best_direction", "SSIM, better way", decimals=4, better="higher"),
        Score("runs_forward", "forward", decimals=0, tables=("run",)),
        Score("both_directions", "both ways", decimals=0, tables=()),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios and similarities."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        facing = turned(reconstruction.video, truth)
        ratios = [psnr(sample, truth) for sample in facing]
        forward = [float(torch.equal(*pair)) for pair in zip(facing, reconstruction.video, strict=True)]
        mean = reconstruction.facing.mean(0, keepdim=True)
        values: dict[str, float | list[float]] = {
            "psnr_best_direction": ratios,
            "psnr_best_of_samples": max(ratios),
            "psnr_mean_of_samples": psnr(turned(mean, truth)[0], truth),
        }
        if truth.shape[2] > 1:
            values |= {
                "t_psnr_best_direction": [t_psnr(sample, truth) for sample in facing],
                "runs_forward": forward,
                "both_directions": float(0 < sum(forward) < len(forward)),
            }
        if min(truth.shape[-2:]) >= WINDOW:
            values["ssim_best_direction"] = [ssim(sample, truth) for sample in facing]
        return values
