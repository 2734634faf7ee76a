"""The parts of an evaluation, each against something written out."""

import math

import attrs
import numpy as np
import pytest
import torch
from scipy import stats

from invsolve import GaussianNoise, Problem, VideoSpace, solve
from invsolve.baselines import PosteriorMean, Repeated, TrueLatents, Wiener
from invsolve.errors import CapabilityError
from invsolve.evaluation.counted import counted
from invsolve.evaluation.statistics import median_interval
from invsolve.evaluation.summary import Summary
from invsolve.media import Recording
from invsolve.video.transfer import in_transfer
from invsolve_operators import TemporalAverage
from invsolve_priors import ResidualImage, SpectralGaussian
from invsolve_samplers import Collapsed, DDIMKernel, Diffusion, PiGDMGuidance
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G2


def test_the_interval_is_that_of_the_bootstrap():
    """P(median of a resample <= x_(k)) is a binomial tail: the chance that 6 of 11 draws are among the k smallest."""
    values = np.arange(11.0) ** 2
    found = median_interval(list(values))
    assert found.median == 25.0
    below = np.array([stats.binom.sf(5, 11, k / 11) for k in range(1, 12)])
    assert found.low == values[np.searchsorted(below, 0.025)]
    assert found.high == values[np.searchsorted(below, 0.975)]


def test_intervals_at_the_edge():
    assert median_interval([3.0]) == median_interval([3.0, 3.0, 3.0])
    assert math.isnan(median_interval([]).median)
    assert median_interval([1.0, math.inf, math.inf]).high == math.inf
    assert median_interval([]).plain == {"median": None, "low": None, "high": None}


def test_evaluations_of_the_network_are_counted():
    problem, counter = counted(average_problem(pixel_prior(G2), G2))
    solve(problem, Diffusion(DDIMKernel(), PiGDMGuidance(), steps=7), seed=0, samples=3, throw=False)
    assert counter is not None
    assert counter.evaluations == 21
    closed = counted(Problem(TemporalAverage(frames=4), torch.rand(1, 1, 1, 8, 8), SpectralGaussian()))
    assert closed[1] is None


def test_behind_a_residual_the_prior_inside_is_counted():
    plain = average_problem(pixel_prior(G2), G2)
    problem, counter = counted(attrs.evolve(plain, prior=ResidualImage(plain.prior, frames=4, std=0.1)))
    inner = Diffusion(DDIMKernel(), PiGDMGuidance(), steps=7)
    solve(problem, Collapsed(inner), seed=0, samples=3, throw=False)
    assert counter is not None
    assert counter.evaluations == 21


def test_gains_are_paired():
    def one(own: float, base: float) -> dict:
        return {"": {"psnr_best_direction": np.array([own])}, "b": {"psnr_best_direction": np.array([base])}}

    summary = Summary({"1": one(30, 20), "2": one(21, 20.5), "3": one(40, 39.0)})
    # the median of 10, 0.5 and 1, not the difference of the medians, 30 - 20.5
    assert summary.gain("b", "psnr_best_direction").median == 1.0
    assert "Gain over b, clip by clip: a sample +1.00 [+0.50, +10.00] dB.\n" in summary.table("test")
    assert "directions of time occur" not in summary.table("test")
    assert summary.ranked() == ["3", "1", "2"]


def test_the_table_says_what_the_mean_gains_and_how_many_clips_run_both_ways():
    own = {"psnr_best_direction": np.array([30.0, 32.0]), "psnr_mean_of_samples": np.array(34.0)}
    clip = {"": own | {"both_directions": np.array(1.0)}, "b": {"psnr_best_direction": np.array(29.0)}}
    table = Summary({"1": clip, "2": clip}).table("test")
    assert "Gain over b, clip by clip: a sample +2.00 dB, their mean +5.00 dB.\n" in table
    assert table.endswith("Both directions of time occur among the samples of 2 clips.\n")


def deblurring(truth: torch.Tensor, observed: torch.Tensor, std: float = 0.01) -> tuple[Problem, Recording]:
    space, seen = (VideoSpace.of(video, transfer="linear") for video in (truth, observed))
    recording = Recording(video=observed, space=seen, name="", sha256="", truth=truth, truth_space=space)
    operator = TemporalAverage(frames=truth.shape[2])
    return Problem(operator, observed, SpectralGaussian(), GaussianNoise(std=std), space=space), recording


def texture(height: int = 32, width: int = 40) -> torch.Tensor:
    numbers = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 6, 8, generator=numbers)
    return torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)[:, :, None]


def test_wiener_finds_the_line_and_undoes_it():
    sharp = texture(48, 48)
    row = torch.zeros(7).index_fill(0, torch.arange(7), 1 / 7)
    padded = torch.nn.functional.pad(sharp[:, :, 0], (3, 3, 0, 0), mode="reflect")
    blurred = torch.nn.functional.conv2d(padded.reshape(3, 1, 48, -1), row.reshape(1, 1, 1, 7)).reshape(1, 3, 1, 48, 48)
    observed = blurred + 0.001 * torch.randn(blurred.shape, generator=torch.Generator().manual_seed(1))
    truth = sharp.expand(-1, -1, 2, -1, -1)
    problem, recording = deblurring(truth, observed, std=0.001)
    best = Wiener(longest=9, angles=4).estimate(problem, recording)
    errors = [float((each - truth).square().mean()) for each in (best, observed)]
    assert errors[0] < 0.3 * errors[1]
    filtered = Wiener(longest=9).filtered(observed, torch.full((1, 1, 1, 1, 1), 1e-6), 7.0, 0.0)
    other = Wiener(longest=9).filtered(observed, torch.full((1, 1, 1, 1, 1), 1e-6), 7.0, math.pi / 2)
    assert float((filtered - sharp).square().mean()) < 0.1 * float((other - sharp).square().mean())


def test_wiener_without_blur_is_the_best_linear_filter():
    """A line of length 0 leaves X = S / (S + N), of which N -> 0 is the picture itself."""
    picture = texture()
    tiny = torch.full((1, 1, 1, 1, 1), 1e-12)
    torch.testing.assert_close(Wiener(longest=1).filtered(picture, tiny, 0.0, 0.0), picture, rtol=0, atol=1e-4)


def test_repeated_is_in_the_light_of_the_solution():
    truth = texture().expand(-1, -1, 4, -1, -1)
    encoded = in_transfer(truth.mean(2, keepdim=True), "linear", "srgb")
    problem, recording = deblurring(truth, truth.mean(2, keepdim=True))
    import attrs

    seen = VideoSpace.of(encoded, transfer="srgb")
    recording = Recording(video=encoded, space=seen, name="", sha256="", truth=truth, truth_space=recording.truth_space)
    found = Repeated().estimate(attrs.evolve(problem, observation=encoded), recording)
    torch.testing.assert_close(found, truth, rtol=0, atol=1e-5)


def test_posterior_mean_of_what_is_seen_plainly():
    """One frame, hardly any noise: the picture itself. With much noise: the mean of the prior."""
    truth = texture()
    problem, recording = deblurring(truth, truth, std=1e-4)
    found = PosteriorMean(prior=SpectralGaussian()).estimate(problem, recording)
    torch.testing.assert_close(found, truth, rtol=0, atol=2e-3)
    noisy, _ = deblurring(truth, truth, std=1e4)
    vague = PosteriorMean(prior=SpectralGaussian(mean=0.3)).estimate(noisy, recording)
    torch.testing.assert_close(vague, torch.full_like(truth, 0.3), rtol=0, atol=1e-3)
    with pytest.raises(CapabilityError, match="closed-form"):
        PosteriorMean(prior=pixel_prior(G2)).estimate(problem, recording)


def test_true_latents_need_the_truth():
    import attrs

    truth = texture()
    problem, recording = deblurring(truth, truth)
    torch.testing.assert_close(TrueLatents().estimate(problem, recording), truth)
    with pytest.raises(CapabilityError, match="true video"):
        TrueLatents().estimate(problem, attrs.evolve(recording, truth=None, truth_space=None))


@pytest.mark.parametrize("transfer", ["linear", "srgb", "gamma:2.2"])
def test_light_there_and_back(transfer: str):
    values = torch.linspace(0, 1, 101, dtype=torch.float64)
    back = in_transfer(in_transfer(values, "linear", transfer), transfer, "linear")
    torch.testing.assert_close(back, values, rtol=0, atol=1e-6)
