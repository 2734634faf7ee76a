"""Samples of a photograph explain it, in both directions, and are the same in any batch."""

from pathlib import Path

import pytest
import torch

from invsolve import GaussianNoise, Problem, solve
from invsolve.errors import CapabilityError
from invsolve.media import ImageReader
from invsolve.operator.pipeline import pipeline
from invsolve_operators import CameraResponse, Downsample, ExposureAverage, Linearise
from invsolve_photographs.law import DIRECTION
from invsolve_photographs.photograph_prior import PhotographPrior
from invsolve_photographs.photograph_sampler import PhotographSampler
from invsolve_priors import SpectralGaussian


def problem_of(photograph: Path, model_file: Path, std: float = 0.01) -> Problem:
    prior = PhotographPrior(
        photograph=ImageReader(photograph),
        file=model_file,
        frames=5,
        past=1,
        future=1,
        mirrors=1,
        remainder_std=0.3,  # the small network is wrong by much
    )
    exposure = ExposureAverage(frames=7, intervals_frames=[[0.0, 5.0]], origin=1.0)
    light = pipeline(Linearise(curve="srgb"), exposure, CameraResponse(curve="srgb"))
    return Problem(light, prior.picture[:, :, None], prior, GaussianNoise(std))


def test_samples_explain_the_photograph_in_both_directions(photograph: Path, model_file: Path) -> None:
    problem = problem_of(photograph, model_file)
    solution = solve(problem, PhotographSampler(picture_spread=0.3), seed=1, samples=8)
    assert ((solution.chi_square > 0.8) & (solution.chi_square < 1.2)).all()
    directions = solution.latent[:, 0, DIRECTION.start, 0, 0, 0]
    assert set(directions.tolist()) == {-1.0, 1.0}
    alone = solve(problem, PhotographSampler(picture_spread=0.3), seed=1, samples=[5])
    assert torch.allclose(alone.video[0], solution.video[5], atol=1e-5)


def test_without_spread_samples_differ_by_direction_and_noise_alone(photograph: Path, model_file: Path) -> None:
    problem = problem_of(photograph, model_file, std=0.001)
    solution = solve(problem, PhotographSampler(picture_spread=0.0, end_spread=0.0), seed=1, samples=8)
    directions = solution.latent[:, 0, DIRECTION.start, 0, 0, 0]
    one, other = (solution.video[directions == sign] for sign in (1.0, -1.0))
    assert (one - one[:1]).abs().max() < 0.01
    assert (one[0] - other[0]).abs().max() > 0.05
    assert (one[0] - other[0].flip(2)).abs().max() < 0.05


def test_misuse_is_said(photograph: Path, model_file: Path) -> None:
    good = problem_of(photograph, model_file)
    with pytest.raises(CapabilityError, match="not from SpectralGaussian"):
        solve(Problem(good.operator, good.observation, SpectralGaussian()), PhotographSampler(), seed=0)
    prior = PhotographPrior(photograph=ImageReader(photograph), file=model_file, frames=1, mirrors=1)
    small = Downsample(factor=2)
    with pytest.raises(CapabilityError, match="one frame of the photograph's size"):
        solve(Problem(small, small.forward(good.observation), prior), PhotographSampler(), seed=0)
