"""`collapsed`: the law of its samples against dense algebra, what it tells the sampler inside, and what it refuses."""

import attrs
import numpy as np
import pytest
import torch

from invsolve import (
    FlowSchedule,
    GaussianNoise,
    LinearOperator,
    PoissonNoise,
    Problem,
    Requirement,
    VideoSpace,
    pipeline,
    solve,
)
from invsolve.errors import CapabilityError
from invsolve.testing.probing import InjectedRandomness, affine_probe
from invsolve.testing.small_prior import OpaqueGaussian
from invsolve_operators import CameraResponse, SelectFrames, TemporalAverage
from invsolve_priors import Gaussian, ResidualImage
from invsolve_samplers import (
    Collapsed,
    DDIMKernel,
    Diffusion,
    DPSGuidance,
    ExactGuidance,
    ExactKernel,
    NoGuidance,
    PiGDMGuidance,
)

FRAMES, PIXELS, RESIDUAL_STD, NOISE_STD = 4, 3, 0.3, 0.1
SPACE = VideoSpace(frames=FRAMES, height=1, width=PIXELS, channels=1, transfer="linear")
MEAN = 0.1 * np.arange(FRAMES * PIXELS).reshape(1, FRAMES, 1, PIXELS)
COVARIANCE = 0.7 ** np.abs(np.subtract.outer(range(FRAMES * PIXELS), range(FRAMES * PIXELS)))
PRIOR = ResidualImage(Gaussian(MEAN, COVARIANCE, schedule=FlowSchedule()), frames=FRAMES, std=RESIDUAL_STD)
EXACT = Collapsed(Diffusion(ExactKernel(), ExactGuidance(), steps=3))


def problem_with(operator: LinearOperator) -> Problem:
    shape = operator.output_space(SPACE).shape
    y = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Problem(operator=operator, observation=y, prior=PRIOR, noise=GaussianNoise(std=NOISE_STD), space=SPACE)


def dense_posterior(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of ``(z, u)`` given ``y``, in numpy."""
    unit = torch.eye(FRAMES * PIXELS, dtype=torch.float64).view(-1, 1, FRAMES, 1, PIXELS)
    average = problem.linear.forward(unit).flatten(1).T.numpy()
    still = np.kron(np.ones((FRAMES, 1)), np.eye(PIXELS))
    forward = np.hstack([average, RESIDUAL_STD * average @ still])
    covariance = np.block(
        [
            [COVARIANCE, np.zeros((FRAMES * PIXELS, PIXELS))],
            [np.zeros((PIXELS, FRAMES * PIXELS)), np.eye(PIXELS)],
        ]
    )
    mean = np.concatenate([MEAN.ravel(), np.zeros(PIXELS)])
    seen = forward @ covariance @ forward.T + NOISE_STD**2 * np.eye(len(forward))
    gain = covariance @ forward.T @ np.linalg.inv(seen)
    left = problem.observation.numpy().ravel() - forward @ mean
    return mean + gain @ left, covariance - gain @ forward @ covariance


def test_with_an_exact_sampler_inside_it_samples_the_posterior_of_latent_and_residual():
    problem = problem_with(TemporalAverage(frames=FRAMES))
    found = affine_probe(problem, EXACT)
    mean, covariance = dense_posterior(problem)
    np.testing.assert_allclose(found.mean.numpy(), mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.covariance.numpy(), covariance, rtol=0, atol=1e-10)


def test_where_frames_share_the_residual_its_draw_given_the_latent_stays_exact():
    """Two frames are seen, so that ``B B^T`` is no multiple of the identity; the law of ``u`` given ``z`` still is."""
    operator = SelectFrames(indices=(0, 3), frames=FRAMES)
    problem = problem_with(operator)
    found = affine_probe(problem, EXACT)
    size = FRAMES * PIXELS
    covariance = found.covariance.numpy()
    gain = covariance[size:, :size] @ np.linalg.inv(covariance[:size, :size])
    spread = covariance[size:, size:] - gain @ covariance[:size, size:]
    precision = np.eye(PIXELS) * (1 + 2 * RESIDUAL_STD**2 / NOISE_STD**2)
    np.testing.assert_allclose(spread, np.linalg.inv(precision), rtol=0, atol=1e-9)
    told = EXACT.init(problem, InjectedRandomness()).std
    assert told == pytest.approx(np.hypot(NOISE_STD, np.sqrt(2) * RESIDUAL_STD), rel=0.5)


def test_the_sampler_inside_is_told_the_noise_and_the_residual():
    state = EXACT.init(problem_with(TemporalAverage(frames=FRAMES)), InjectedRandomness())
    assert state.std == pytest.approx(np.hypot(NOISE_STD, RESIDUAL_STD), rel=1e-12)


def test_samples_explain_the_observation_to_its_noise():
    """What a step of fixed length leaves unexplained, the residual takes up."""
    problem = problem_with(TemporalAverage(frames=FRAMES))
    inner = Diffusion(DDIMKernel(1.0), DPSGuidance(scale=0.1), steps=20)
    collapsed = solve(problem, Collapsed(inner), seed=0, samples=400)
    plain = solve(attrs.evolve(problem, prior=PRIOR.prior), inner, seed=0, samples=400)
    assert float(plain.chi_square.mean()) > 3
    assert 0.8 < float(collapsed.chi_square.mean()) < 1.25


def test_behind_a_camera_the_draw_is_that_of_the_linearised_operator():
    operator = pipeline(TemporalAverage(frames=FRAMES), CameraResponse(curve="gamma:2", clip="none"))
    y = torch.tensor([0.6, 0.7, 0.8], dtype=torch.float64).view(1, 1, 1, 1, PIXELS)
    small = attrs.evolve(PRIOR, std=0.01)
    problem = Problem(operator, y, small, GaussianNoise(std=0.01), SPACE)
    found = Collapsed(Diffusion(DDIMKernel(1.0), NoGuidance(), steps=1))
    rng = InjectedRandomness()
    state, _ = found.step(problem, found.init(problem, rng), 0, rng)
    z, u = small.parted(found.estimate(problem, state))
    light = small.prior.decode(z).mean(2, keepdim=True)
    slope = 0.5 / light.sqrt()
    gain = 0.01 * slope / ((0.01 * slope) ** 2 + 0.01**2)
    torch.testing.assert_close(u, gain * (y - light.sqrt()), rtol=1e-9, atol=1e-9)


def test_a_prior_without_a_residual_is_refused_by_name():
    problem = attrs.evolve(problem_with(TemporalAverage(frames=FRAMES)), prior=PRIOR.prior)
    with pytest.raises(CapabilityError, match="a prior that models what its decoder leaves out"):
        solve(problem, EXACT, seed=0)


def test_other_noise_is_refused():
    noisy = attrs.evolve(problem_with(TemporalAverage(frames=FRAMES)), noise=PoissonNoise(gain=0.01))
    with pytest.raises(CapabilityError, match="Gaussian noise"):
        solve(noisy, EXACT, seed=0)


def test_what_the_sampler_inside_needs_is_asked_of_the_prior_inside():
    model = ResidualImage(OpaqueGaussian(schedule=FlowSchedule()), frames=FRAMES, std=RESIDUAL_STD)
    problem = attrs.evolve(problem_with(TemporalAverage(frames=FRAMES)), prior=model)
    with pytest.raises(CapabilityError, match=r"Diffusion does not fit.*closed-form"):
        solve(problem, EXACT, seed=0)
    assert Requirement.LINEAR in Collapsed(Diffusion(guidance=PiGDMGuidance())).requires
