"""Metric `reblur`: whether the samples explain the observation."""

from typing import ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.posterior.residual import chi_square


@final
@attrs.frozen
class Reblur(Metric):
    """Re-blur consistency: the residual ``r = (y - A(x)) / std`` in units of the noise.

    Gives, for each sample, ``reblur_chi_square``, the mean of ``r^2`` over all observed values, and ``reblur_misfit``,
    its root. The truth has a chi-square of 1, up to ``sqrt(2 / n)`` with ``n`` observed values; a sample far above
    does not explain the observation, one far below explains its noise too. ``reblur_chi_square_mean`` is that of the
    posterior mean, ``reblur_chi_square_truth`` that of the truth where it is known.

    Examples:
        ```python
        Reblur().evaluate(reconstruction)["reblur_chi_square"]
        ```

        ```yaml
        metrics: [{use: reblur}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("reblur_chi_square", "chi-square"),
        Score("reblur_misfit", "misfit", tables=()),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The misfits in units of the noise."""
        squares = [float(square) for square in reconstruction.verdict.chi_square.double().mean(1)]
        values: dict[str, float | list[float]] = {
            "reblur_misfit": [square**0.5 for square in squares],
            "reblur_chi_square": squares,
            "reblur_chi_square_mean": _chi_square(reconstruction.mean, reconstruction),
        }
        if reconstruction.comparable_truth is not None:
            values["reblur_chi_square_truth"] = _chi_square(reconstruction.comparable_truth, reconstruction)
        return values


def _chi_square(video: Float[Tensor, "b c t h w"], reconstruction: Reconstruction) -> float:
    observation = reconstruction.observation
    with torch.no_grad():
        mean = reconstruction.operator.forward(video.to(observation))
    return float(chi_square(observation, mean, reconstruction.noise).double().mean())
