"""Metric `temporal_psnr`: peak signal-to-noise ratio of what changes from frame to frame."""

from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score


@final
@attrs.frozen
class TemporalPSNR(Metric):
    """T-PSNR: ``-10 log10 mean((d - d_truth)^2)`` [dB] of the differences ``d`` between a frame and the one before.

    Values are clipped to [0, 1] before; the peak is 1, although differences span [-1, 1]. Gives ``t_psnr`` for each
    sample, and ``t_psnr_mean`` of the posterior mean. A still picture leaves nothing to compare. Empty without a truth
    and for single frames.

    References:
        The name is common, the formula is not published with it; this is the plain reading.

    Examples:
        ```python
        TemporalPSNR().evaluate(reconstruction)["t_psnr"]
        ```

        ```yaml
        metrics: [{use: temporal_psnr}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("t_psnr", "T-PSNR", "dB", decimals=2, better="higher", tables=("run",)),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios in dB."""
        truth = reconstruction.comparable_truth
        if truth is None or truth.shape[2] == 1:
            return {}
        return {
            "t_psnr": [t_psnr(sample, truth) for sample in reconstruction.video],
            "t_psnr_mean": t_psnr(reconstruction.mean, truth),
        }


def t_psnr(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> float:
    """The T-PSNR [dB] of `video`, the mean over observations ``b``; infinite for single frames."""
    steps, true_steps = (v.double().clamp(0, 1).diff(dim=2) for v in (video, truth))
    if steps.shape[2] == 0:
        return float("inf")
    return float(-10 * (steps - true_steps).square().flatten(1).mean(1).log10().mean())
