"""Batch-consistent sampling: the shared noise, its limits, `dds`, and what the user is told."""

import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, Problem, SeededRandomness, VideoSpace, solve
from invsolve.testing.probing import InjectedRandomness
from invsolve_operators import TemporalAverage
from invsolve_priors import FrameWise, Gaussian
from invsolve_samplers import BatchConsistent, DDNMGuidance, DDSGuidance, Diffusion, RenoiseKernel
from invsolve_samplers.moves.shared_noise import SharedNoise
from tests.samplers.gaussian_oracle import G2
from tests.samplers.one_step import POINT, one_step

PIXELS = 3


def images() -> FrameWise:
    mean = np.array([0.5, 0.4, 0.6]).reshape(1, 1, 1, PIXELS)
    return FrameWise(Gaussian(mean, 0.05 * 0.8 ** np.abs(np.subtract.outer(range(PIXELS), range(PIXELS)))))


def problem_with(operator: TemporalAverage, frames: int) -> Problem:
    space = VideoSpace(frames=frames, height=1, width=PIXELS, channels=1, transfer="linear")
    shape = operator.output_space(space).shape
    y = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Problem(operator=operator, observation=y, prior=images(), noise=GaussianNoise(std=0.01), space=space)


ONE = problem_with(TemporalAverage(frames=5), 5)
SLIDING = problem_with(TemporalAverage(frames=3, stride=1), 7)


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_shared_noise_has_its_correlation_and_unit_variance(rho: float):
    like = torch.empty(1, 1, 4, 1, 2, dtype=torch.float64)
    counted = InjectedRandomness()
    SharedNoise(counted, rho).normal(like)
    covariance = torch.zeros(8, 8, dtype=torch.float64)
    for draw, size in counted.sizes.items():
        for element in range(size):
            hot = torch.zeros(1, size, dtype=torch.float64)
            hot[0, element] = 1.0
            column = SharedNoise(InjectedRandomness({draw: hot}), rho).normal(like).flatten()
            covariance += torch.outer(column, column)
    frames = rho * np.ones((4, 4)) + (1 - rho) * np.eye(4)
    np.testing.assert_allclose(covariance.numpy(), np.kron(frames, np.eye(2)), atol=1e-12)


def test_shared_noise_passes_on_all_else():
    source = SeededRandomness(4, ((0, 0), (0, 1)))
    like = torch.full((2, 1, 3, 1, 1), 2.0, dtype=torch.float64)
    for step in (0, 7):
        mixed = SharedNoise(source, 0.5).at(step)
        assert torch.equal(mixed.uniform(like), source.at(step).uniform(like))
    assert torch.equal(SharedNoise(source.at(1), 0.5).poisson(like), source.at(1).poisson(like))


def test_one_average_gives_equal_frames_and_says_so():
    """The limit of the method: every frame becomes the blurred picture itself."""
    solution = solve(ONE, BatchConsistent(steps=8), seed=0, samples=3)
    expected = ONE.observation.expand(3, 1, 1, 5, 1, PIXELS)
    torch.testing.assert_close(solution.video, expected, rtol=0, atol=1e-10)
    assert "the 5 frames of each sample are all the same" in solution.message
    assert "correlation" in solution.message and "video prior" in solution.message


def test_noise_of_their_own_moves_the_frames_apart():
    solution = solve(ONE, BatchConsistent(steps=8, correlation=0.5), seed=0, samples=3)
    assert float((solution.video - solution.video[:, :, :, :1]).abs().max()) > 0.1
    assert "all the same" not in solution.message
    torch.testing.assert_close(solution.video.mean(3, keepdim=True)[:, 0], ONE.observation.expand(3, -1, -1, -1, -1))


def test_less_correlation_means_more_motion():
    def motion(rho: float) -> float:
        video = solve(ONE, BatchConsistent(steps=8, correlation=rho), seed=0, samples=8).video
        return float(video.diff(dim=3).square().mean())

    some = [motion(rho) for rho in (0.99, 0.9, 0.5)]
    assert 0 < some[0] < some[1] < some[2]


def test_a_sliding_average_tells_the_frames_apart():
    solution = solve(SLIDING, BatchConsistent(steps=8), seed=0, samples=3)
    assert float((solution.video - solution.video[:, :, :, :1]).abs().max()) > 0.05
    assert "all the same" not in solution.message
    residual = SLIDING.observation - SLIDING.operator.forward(solution.video[:, 0])
    torch.testing.assert_close(residual, torch.zeros_like(residual), rtol=0, atol=1e-9)


def test_a_still_image_is_no_case_for_the_remark():
    still = problem_with(TemporalAverage(frames=1), 1)
    assert "all the same" not in solve(still, BatchConsistent(steps=2), seed=0).message


def test_without_correlation_it_is_diffusion():
    plain = Diffusion(RenoiseKernel(0.15), DDSGuidance(), 6, start=0.5)
    batch = BatchConsistent(steps=6, correlation=0.0, start=0.5)
    assert torch.equal(solve(SLIDING, batch, seed=2).latent, solve(SLIDING, plain, seed=2).latent)


def test_one_iteration_of_dds_is_ddnm_for_an_average():
    expected = one_step(DDNMGuidance(), G2, POINT)
    found = one_step(DDSGuidance(iterations=1), G2, POINT)
    np.testing.assert_allclose(found.z0, expected.z0, rtol=1e-12)
    np.testing.assert_allclose(found.eps, expected.eps, rtol=1e-12)
    moved = one_step(DDSGuidance(iterations=1, eps="consistent"), G2, POINT)
    np.testing.assert_allclose(moved.eps, one_step(DDNMGuidance(eps="consistent"), G2, POINT).eps, rtol=1e-10)


@pytest.mark.parametrize("iterations", [1, 2, 4])
def test_dds_iterations_are_krylov_minimisers(iterations: int):
    """``||r - A d||`` is least over ``d`` in the span of ``A^T r, (A^T A) A^T r, ...``."""
    matrix = SLIDING.operator.forward(torch.eye(7).double().reshape(7, 1, 7, 1, 1)).reshape(7, 5).numpy().T
    residual = np.random.default_rng(0).standard_normal(5)
    basis = [matrix.T @ residual]
    for _ in range(iterations - 1):
        basis.append(matrix.T @ (matrix @ basis[-1]))
    columns = np.stack(basis, axis=1)
    expected = columns @ np.linalg.lstsq(matrix @ columns, residual, rcond=None)[0]
    given = torch.as_tensor(residual).reshape(1, 1, 5, 1, 1)
    found = DDSGuidance(iterations=iterations).correction(SLIDING, given)
    np.testing.assert_allclose(found.flatten().numpy(), expected, rtol=1e-8, atol=1e-10)
