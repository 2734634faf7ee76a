"""Metrics that know that a blur does not tell the direction of time, against their formulas written out."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from invsolve.metrics import BestDirection, Bidirectional, Calibration, Reconstruction, TemporalPSNR
from invsolve.noise import GaussianNoise
from invsolve.operator import Operator
from invsolve.operator.pipeline import Identity
from invsolve.video.space import VideoSpace
from invsolve_operators import TemporalAverage

SHAPE = (1, 3, 6, 24, 28)


def rand(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


TRUTH = rand(*SHAPE)


def judged(*samples: Tensor, operator: Operator | None = None, truth: Tensor = TRUTH) -> Reconstruction:
    video = torch.stack(samples)
    operator = operator or TemporalAverage(frames=truth.shape[2])
    observed = operator.forward(truth)
    return Reconstruction(
        video=video,
        space=VideoSpace.of(video[0], transfer="linear"),
        observation=observed,
        observation_space=VideoSpace.of(observed, transfer="linear"),
        operator=operator,
        noise=GaussianNoise(std=0.01),
        truth=truth,
        truth_space=VideoSpace.of(truth, transfer="linear"),
    )


def ratio(a: Tensor, b: Tensor) -> float:
    return float(-10 * np.log10(np.mean((a.numpy() - b.numpy()) ** 2)))


def test_best_direction_forgives_a_reversal_of_the_whole():
    near = (TRUTH + 0.1 * rand(*SHAPE, seed=1)).clamp(0, 1)
    values = BestDirection().evaluate(judged(near, near.flip(2)))
    wanted = ratio(near, TRUTH)
    assert values["psnr_best_direction"] == pytest.approx([wanted, wanted], rel=1e-6)
    assert values["runs_forward"] == [1.0, 0.0]
    assert values["both_directions"] == 1.0
    assert values["psnr_best_of_samples"] == pytest.approx(wanted)


def test_the_mean_is_of_samples_that_run_the_same_way():
    first, second = ((TRUTH + 0.2 * rand(*SHAPE, seed=seed)).clamp(0, 1) for seed in (1, 2))
    turned = BestDirection().evaluate(judged(first.flip(2), second))
    assert turned["psnr_mean_of_samples"] == pytest.approx(ratio((first + second) / 2, TRUTH), rel=1e-6)


def test_samples_are_not_turned_where_the_observation_tells_the_direction():
    first, second = ((TRUTH + 0.2 * rand(*SHAPE, seed=seed)).clamp(0, 1) for seed in (1, 2))
    values = BestDirection().evaluate(judged(first.flip(2), second, operator=Identity()))
    mean = (first.flip(2) + second) / 2
    wanted = max(ratio(mean, TRUTH), ratio(mean.flip(2), TRUTH))
    assert values["psnr_mean_of_samples"] == pytest.approx(wanted, rel=1e-6)


def test_pixelwise_is_the_formula_written_out():
    video = rand(*SHAPE, seed=3)
    forward = ((video - TRUTH) ** 2).mean(2).numpy()
    backward = ((video.flip(2) - TRUTH) ** 2).mean(2).numpy()
    wanted = -10 * np.log10(np.minimum(forward, backward).mean())
    found = Bidirectional(patch=12).evaluate(judged(video))
    assert found["psnr_pixelwise"] == pytest.approx([wanted], rel=1e-12)


def test_two_movers_that_err_in_opposite_directions():
    """A perfect score for each pixel, not for the video."""
    half = torch.where(torch.arange(28) < 14, TRUTH.flip(2), TRUTH)
    values = Bidirectional().evaluate(judged(half, TRUTH.flip(2)))
    assert values["psnr_pixelwise"] == [math.inf, math.inf]
    assert "ssim_patchwise" not in values
    assert BestDirection().evaluate(judged(half))["psnr_best_direction"][0] < 20


def test_patchwise_is_the_ssim_of_patches():
    video = rand(*SHAPE, seed=4)
    means = []
    for top in (0, 12):
        for left in (0, 12):
            cut = (0, slice(None), slice(None), slice(top, top + 12), slice(left, left + 12))
            ways = []
            for way in (video, video.flip(2)):
                pairs = zip(way[cut].unbind(1), TRUTH[cut].unbind(1), strict=True)
                # mirrored at the border of a patch, and averaged over all of it
                ways.append(np.mean([_ssim(a.numpy(), b.numpy()) for a, b in pairs]))
            means.append(max(ways))
    found = Bidirectional(patch=12).evaluate(judged(video))["ssim_patchwise"]
    assert found == pytest.approx([np.mean(means)], abs=1e-5)


def _ssim(a: np.ndarray, b: np.ndarray) -> float:
    """With borders mirrored about the outermost pixel, and no crop."""
    pads = ((0, 0), (5, 5), (5, 5))
    a, b = (np.pad(picture, pads, mode="reflect") for picture in (a, b))
    _, image = structural_similarity(
        a, b, channel_axis=0, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    return float(image[:, 5:-5, 5:-5].mean())


def test_temporal_psnr_is_of_differences():
    video = rand(*SHAPE, seed=5)
    wanted = ratio(video.diff(dim=2), TRUTH.diff(dim=2))
    assert TemporalPSNR().evaluate(judged(video))["t_psnr"] == pytest.approx([wanted], rel=1e-12)
    # a video that is off by the same everywhere moves as it should
    shifted = TemporalPSNR().evaluate(judged(0.5 * TRUTH + 0.3, truth=0.5 * TRUTH))
    assert shifted["t_psnr"][0] > 200


def test_calibration_of_draws_of_one_law():
    numbers = torch.Generator().manual_seed(0)
    draws = torch.randn(5, 1, 3, 10, 60, 60, generator=numbers, dtype=torch.float64)
    samples = [draws[k] for k in range(1, 5)]
    found = Calibration().evaluate(judged(*samples, truth=draws[0]))["calibration_ratio"]
    assert found == pytest.approx(1.0, abs=0.01)
    surer = Calibration().evaluate(judged(*[each / 2 for each in samples], truth=draws[0]))["calibration_ratio"]
    assert surer == pytest.approx(math.sqrt((1 + 1 / 16) / ((1 + 1 / 4) / 4)), rel=0.02)


@pytest.mark.parametrize("metric", [BestDirection(), Bidirectional(), TemporalPSNR(), Calibration()])
def test_without_a_truth_there_is_nothing_to_say(metric):
    import attrs

    assert metric.evaluate(attrs.evolve(judged(TRUTH, TRUTH), truth=None)) == {}
