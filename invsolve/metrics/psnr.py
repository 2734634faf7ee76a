"""Metric `psnr`: peak signal-to-noise ratio."""

from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score


@final
@attrs.frozen
class PSNR(Metric):
    """``-10 log10 mean((x - truth)^2)`` [dB] over ``c t h w``, of values clipped to [0, 1] as a screen shows them.

    Gives ``psnr`` for each sample (the mean over observations), ``psnr_mean`` of the posterior mean,
    ``psnr_observed`` of the observation itself where it can be compared, and the gains over it, ``psnr_gain`` for each
    sample and ``psnr_mean_gain``. Empty without a truth of the samples' shape.

    Examples:
        ```python
        PSNR().evaluate(reconstruction)["psnr_gain"]
        ```

        ```yaml
        metrics: [{use: psnr}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("psnr", "PSNR", "dB", decimals=2, better="higher"),
        Score(
            "psnr_gain",
            "gain",
            "dB",
            decimals=2,
            signed=True,
            better="higher",
            mean="psnr_mean_gain",
            tables=("run",),
        ),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios and gains in dB."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        samples = [psnr(sample, truth) for sample in reconstruction.video]
        mean = psnr(reconstruction.mean, truth)
        values: dict[str, float | list[float]] = {"psnr": samples, "psnr_mean": mean}
        observed = reconstruction.observation_as_truth
        if observed is not None:
            baseline = psnr(observed, truth)
            values["psnr_observed"] = baseline
            values["psnr_gain"] = [sample - baseline for sample in samples]
            values["psnr_mean_gain"] = mean - baseline
        return values


def psnr(video: Float[Tensor, "b c t h w"], truth: Float[Tensor, "b c t h w"]) -> float:
    """The PSNR [dB] of `video`, the mean over observations ``b``."""
    errors = (video.double().clamp(0, 1) - truth.double().clamp(0, 1)).square().flatten(1).mean(1)
    return float(-10 * errors.log10().mean())
