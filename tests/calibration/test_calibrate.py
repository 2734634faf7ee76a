"""Calibration passes a sampler of the posterior, and no other."""

import numpy as np
import pytest
import torch

from invsolve.calibration.calibrate import calibrate
from invsolve.calibration.uniformity import Shape
from invsolve.errors import CapabilityError, ComponentError
from invsolve_samplers import DPS, Diffusion, DPMSolverKernel, ExactGuidance, ExactKernel, HeunKernel, NoGuidance
from tests.calibration.problems import EXACT, Overconfident, averaged, gaussian_prior, mixture_prior
from tests.core.parts import StandardNormal

PROBLEMS = {"gaussian": gaussian_prior, "mixture": mixture_prior}


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_exact_sampler_is_calibrated(name):
    found = calibrate(averaged(PROBLEMS[name]()), EXACT, seed=0, draws=100, samples=15)
    assert found.calibrated, found.verdict
    assert found.exact
    assert found.ranks.shape == (100, len(found.names))


def test_a_draw_has_the_same_ranks_in_any_study(monkeypatch):
    problem = averaged(mixture_prior(), dtype=torch.float64)
    whole = calibrate(problem, EXACT, seed=0, draws=40, samples=15)
    monkeypatch.setattr("invsolve.calibration.calibrate.MOST_DRAWS", 7)
    assert np.array_equal(calibrate(problem, EXACT, seed=0, draws=20, samples=15, chunk=40).ranks, whole.ranks[:20])


@pytest.mark.parametrize("name", PROBLEMS)
def test_dps_is_not(name):
    found = calibrate(averaged(PROBLEMS[name]()), DPS(steps=10), seed=0, draws=60, samples=15)
    assert not found.calibrated
    assert "not calibrated" in found.verdict


def test_only_the_likelihood_tells_that_samples_of_the_prior_ignore_the_observation():
    blind = Diffusion(kernel=ExactKernel(), guidance=NoGuidance(), steps=2)
    found = calibrate(averaged(gaussian_prior()), blind, seed=0, draws=100, samples=15)
    shapes = dict(zip(found.names, found.shapes, strict=True))
    assert shapes.pop("log-likelihood") is Shape.MISSED
    assert set(shapes.values()) == {Shape.EVEN}


def test_noise_stated_too_small_makes_samples_too_sure():
    found = calibrate(averaged(gaussian_prior(), noise=1.0), Overconfident(EXACT), seed=0, draws=100, samples=15)
    shapes = dict(zip(found.names, found.shapes, strict=True))
    assert shapes["observed direction"] is Shape.NARROW
    assert shapes["log-likelihood"] is Shape.FITTED


def test_what_cannot_be_calibrated_is_said_before_any_work():
    with pytest.raises(CapabilityError, match="it needs a prior with a closed-form"):
        calibrate(averaged(StandardNormal()), EXACT, seed=0)
    with pytest.raises(ComponentError, match="draws must be a whole number from 1"):
        calibrate(averaged(gaussian_prior()), EXACT, seed=0, draws=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("kernel", [ExactKernel(), HeunKernel(), DPMSolverKernel()])
def test_samplers_that_are_exact_in_the_limit_are_calibrated_at_100_steps(name, kernel):
    sampler = Diffusion(kernel=kernel, guidance=ExactGuidance(), steps=100)
    found = calibrate(averaged(PROBLEMS[name]()), sampler, seed=0, draws=500, samples=15)
    assert min(found.p) > 0.01, found.verdict


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_dps_as_it_comes_is_not_calibrated(name):
    assert not calibrate(averaged(PROBLEMS[name]()), DPS(), seed=0, draws=60, samples=15).calibrated
