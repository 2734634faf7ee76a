import math

import attrs
import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from invsolve.metrics import PSNR, SSIM, Reblur, Reconstruction
from invsolve.noise import GaussianNoise, PoissonGaussianNoise
from invsolve.operator.pipeline import Scaled
from invsolve.video.space import VideoSpace


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def reconstruction(video, sharp, observed=None, operator=None, transfer="srgb", **fields):
    operator = operator or Scaled(factor=1.0)
    observed = operator(sharp) if observed is None else observed
    space = VideoSpace.of(sharp, transfer="srgb")
    return Reconstruction(
        video=video,
        space=VideoSpace.of(video[0]),
        observation=observed,
        observation_space=VideoSpace.of(observed, transfer=transfer),
        operator=operator,
        noise=GaussianNoise(std=0.1),
        **{"truth": sharp, "truth_space": space, **fields},
    )


def test_psnr_agrees_with_scikit_image():
    truth, video, blurred = rand(1, 3, 2, 8, 9), rand(4, 1, 3, 2, 8, 9, seed=1), rand(1, 3, 2, 8, 9, seed=2)
    values = PSNR().evaluate(reconstruction(video, truth, blurred))
    expected = [peak_signal_noise_ratio(truth.numpy(), sample.numpy(), data_range=1.0) for sample in video]
    baseline = peak_signal_noise_ratio(truth.numpy(), blurred.numpy(), data_range=1.0)
    mean = peak_signal_noise_ratio(truth.numpy(), video.mean(0).numpy(), data_range=1.0)
    np.testing.assert_allclose(values["psnr"], expected, rtol=2e-7)
    np.testing.assert_allclose(values["psnr_gain"], np.array(expected) - baseline, rtol=2e-7)
    assert values["psnr_observed"] == pytest.approx(baseline, rel=2e-7)
    assert values["psnr_mean"] == pytest.approx(mean, rel=2e-7)
    assert values["psnr_mean_gain"] == pytest.approx(mean - baseline, rel=2e-7)


def test_psnr_is_of_values_as_shown():
    truth = torch.ones(1, 1, 1, 4, 4)
    values = PSNR().evaluate(reconstruction(torch.full((1, 1, 1, 1, 4, 4), 1.7), truth))
    assert values["psnr"] == [math.inf]


def test_several_observations_count_alike():
    truth = torch.zeros(2, 1, 1, 4, 4)
    video = torch.stack([torch.full((1, 1, 4, 4), 0.1), torch.full((1, 1, 4, 4), 0.001)])[None]
    assert PSNR().evaluate(reconstruction(video, truth))["psnr"][0] == pytest.approx((20 + 60) / 2)


def test_ssim_agrees_with_scikit_image():
    truth, video = torch.full((1, 3, 2, 40, 46), 0.5).double(), torch.full((2, 1, 3, 2, 40, 46), 0.45).double()
    # flat edges, since the two mirror a picture there in different ways
    truth[..., 10:-10, 10:-10] = rand(1, 3, 2, 20, 26)
    video[..., 10:-10, 10:-10] = (truth[..., 10:-10, 10:-10] + 0.2 * rand(2, 1, 3, 2, 20, 26, seed=1)).clamp(0, 1)
    values = SSIM().evaluate(reconstruction(video, truth))
    expected = [np.mean([similarity(truth[0, :, t], sample[0, :, t]) for t in range(2)]) for sample in video]
    np.testing.assert_allclose(values["ssim"], expected, atol=1e-12)
    assert values["ssim_observed"] == pytest.approx(1.0)


def similarity(truth, picture):
    options = {"channel_axis": 0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, whole = structural_similarity(truth.numpy(), picture.numpy(), data_range=1.0, full=True, **options)
    return whole.mean()


def test_ssim_wants_room_for_its_window():
    assert SSIM().evaluate(reconstruction(rand(1, 1, 1, 1, 10, 30), rand(1, 1, 1, 10, 30))) == {}


@pytest.mark.parametrize("metric", [PSNR(), SSIM()])
def test_without_a_comparable_truth_there_is_nothing_to_say(metric):
    truth, video = rand(1, 3, 2, 16, 16), rand(1, 1, 3, 2, 16, 16)
    assert metric.evaluate(reconstruction(video, truth, truth, truth=None, truth_space=None)) == {}
    assert metric.evaluate(reconstruction(rand(1, 1, 3, 3, 16, 16), truth)) == {}


def test_one_long_exposure_is_compared_with_every_frame():
    truth = rand(1, 1, 4, 16, 16)
    observed = truth.mean(dim=2, keepdim=True)
    result = reconstruction(truth[None], truth, observed)
    assert torch.equal(result.observation_as_truth, observed.expand_as(truth))
    pairs = reconstruction(truth[None], truth, truth[:, :, ::2])
    assert torch.equal(pairs.observation_as_truth, truth[:, :, [0, 0, 2, 2]])


def test_a_small_observation_is_compared_enlarged():
    truth = torch.full((1, 1, 1, 16, 16), 0.3)
    result = reconstruction(truth[None], truth, torch.full((1, 1, 1, 4, 4), 0.3))
    torch.testing.assert_close(result.observation_as_truth, truth)


@pytest.mark.parametrize("change", [{"transfer": "linear"}, {"observed": rand(1, 3, 1, 16, 16)}])
def test_what_cannot_be_compared_has_no_gain(change):
    truth = rand(1, 1, 1, 16, 16)
    values = PSNR().evaluate(reconstruction(truth[None] * 0.9, truth, **change))
    assert set(values) == {"psnr", "psnr_mean"}


def test_chi_square_of_the_truth_is_one():
    truth = rand(1, 1, 1, 300, 300)
    noise = 0.1 * torch.randn(truth.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    half = Scaled(factor=0.5)
    video = torch.stack([truth, truth + 0.4])
    values = Reblur().evaluate(reconstruction(video, truth, half(truth) + noise, half))
    # 90,000 observed values: the mean of their squares has a standard deviation of 0.0047
    assert values["reblur_chi_square"][0] == pytest.approx(1.0, abs=0.02)
    assert values["reblur_chi_square"][1] == pytest.approx(1.0 + (0.2 / 0.1) ** 2, abs=0.04)
    assert values["reblur_chi_square_truth"] == values["reblur_chi_square"][0]
    assert values["reblur_misfit"][1] == pytest.approx(values["reblur_chi_square"][1] ** 0.5)
    assert values["reblur_chi_square_mean"] == pytest.approx(1.0 + 1.0, abs=0.03)


def test_chi_square_with_photon_noise():
    truth = torch.full((1, 1, 1, 2, 2), 0.5, dtype=torch.float64)
    result = reconstruction(truth[None], truth, truth + 0.3)
    result = attrs.evolve(result, noise=PoissonGaussianNoise(gain=0.16, std=0.1))
    assert Reblur().evaluate(result)["reblur_chi_square"] == [pytest.approx(0.3**2 / (0.16 * 0.5 + 0.01))]


def test_reblur_needs_no_truth():
    video = rand(1, 1, 3, 2, 16, 16)
    values = Reblur().evaluate(reconstruction(video, video[0], video[0], truth=None, truth_space=None))
    assert values["reblur_chi_square"] == [0.0]
    assert "reblur_chi_square_truth" not in values
