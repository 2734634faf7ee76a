"""Metric `calibration`: errors compared with the samples' spread."""

import math
from typing import ClassVar, final

import attrs

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score


@final
@attrs.frozen
class Calibration(Metric):
    """``sqrt(sum (truth - mean)^2 / ((1 + 1/K) sum var))``: the errors of the mean in units of what ``K`` samples say.

    Gives ``calibration_ratio``: 1 where samples and truth are draws of one law (their variances being unbiased), above
    1 where the samples are too sure, below 1 where they are not sure enough. Errors and variances are summed over all
    pixels before they are divided, so that still ground counts for little. Empty without a truth of the samples'
    shape, for one sample, and for samples without any spread.

    Examples:
        ```python
        Calibration().evaluate(reconstruction)["calibration_ratio"]
        ```

        ```yaml
        metrics: [{use: calibration}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (Score("calibration_ratio", "error over spread", tables=("run",)),)

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratio."""
        truth, count = reconstruction.comparable_truth, len(reconstruction.video)
        if truth is None or count < 2:
            return {}
        video = reconstruction.video.double()
        spread = float(video.var(0).sum()) * (1 + 1 / count)
        error = float((truth.double() - video.mean(0)).square().sum())
        return {"calibration_ratio": math.sqrt(error / spread)} if spread > 0 else {}
