"""The measurements of every clip."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from invsolve.metrics import (
    PSNR,
    SSIM,
    BestDirection,
    Bidirectional,
    Calibration,
    Coverage,
    Metric,
    Reblur,
    Reconstruction,
    TemporalPSNR,
)
from invsolve.metrics.measured import measured
from invsolve.metrics.score import Score
from invsolve.metrics.ssim import WINDOW, ssim_frames
from invsolve.posterior.time_direction import turned

Array = npt.NDArray[np.float64]
Measures = Mapping[str, Array]
"""Numbers by name: one, one for each sample, or one for each sample and frame."""

OWN: Final = ""
"""The name of what was evaluated, the samples, among those of the baselines."""

ALWAYS: Final = (
    PSNR(),
    SSIM(),
    BestDirection(),
    Bidirectional(),
    TemporalPSNR(),
    Reblur(),
    Coverage(),
    Calibration(),
)

SUMMARY: Final[Mapping[str, str]] = {
    "psnr_best_direction": "psnr_best_direction",
    "psnr_forward": "psnr",
    "psnr_mean_of_samples": "psnr_mean_of_samples",
    "ssim": "ssim_best_direction",
    "chi_square": "reblur_chi_square",
    "network_evaluations": "network_evaluations",
    "seconds": "seconds",
}
"""The keys of metrics.json, and the measures behind them."""


COST: Final = (
    Score("network_evaluations", "network", decimals=0, better="lower"),
    Score("seconds", "seconds", decimals=1, better="lower"),
)


def measured_by(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """The metrics of every evaluation, and those of `metrics` beyond them."""
    kinds = {type(metric) for metric in ALWAYS}
    return (*ALWAYS, *(metric for metric in metrics if type(metric) not in kinds))


def table_scores(metrics: tuple[Metric, ...]) -> tuple[Score, ...]:
    """The columns of the table of an evaluation that also measures `metrics`."""
    scores = (score for metric in measured_by(metrics) for score in metric.scores)
    return (*(score for score in scores if "clips" in score.tables), *COST)


def measure(metrics: tuple[Metric, ...], reconstruction: Reconstruction) -> dict[str, Array]:
    """All measures of one clip: those of every evaluation, and those of `metrics` beyond them."""
    values = measured(measured_by(metrics), reconstruction)
    return {name: np.asarray(value) for name, value in values.items()} | _frames(reconstruction)


def _frames(reconstruction: Reconstruction) -> dict[str, Array]:
    """PSNR and SSIM of each frame, forwards and in the better direction for the whole video."""
    truth = reconstruction.comparable_truth
    if truth is None:
        return {}
    found = {}
    for suffix, video in (("forward", reconstruction.video), ("best_direction", turned(reconstruction.video, truth))):
        errors = (video.double().clamp(0, 1) - truth.double().clamp(0, 1)).square().mean((2, 4, 5))
        found[f"psnr_frames_{suffix}"] = (-10 * errors.log10()).mean(1).cpu().numpy()
        if min(truth.shape[-2:]) >= WINDOW:
            similar = torch.stack([ssim_frames(sample, truth).mean(0) for sample in video])
            found[f"ssim_frames_{suffix}"] = similar.double().cpu().numpy()
    return found
