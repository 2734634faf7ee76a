"""Stacks: several observations of one scene, each with its noise."""

import pytest
import torch

from invsolve import (
    GaussianNoise,
    LinearOperator,
    NonlinearStack,
    PoissonNoise,
    SeededRandomness,
    Stack,
    StackedNoise,
    VideoSpace,
    join,
    stack,
)
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import Operator
from invsolve.testing import OperatorChecks, Sizes
from invsolve_operators import CameraResponse, Downsample, SelectFrames, TemporalAverage

PAIR = (TemporalAverage(frames=4), SelectFrames(every=3))


def clip(t: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 1, t, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


class TestStack(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(3,), height=(2, 3), width=(3, 2))

    def make(self) -> Operator:
        return Stack(operators=PAIR, frames=(1, 2))


class TestNonlinearStack(OperatorChecks):
    sizes = Sizes(frames=(4,))

    def make(self) -> Operator:
        return NonlinearStack(operators=(CameraResponse(clip="none"), CameraResponse(curve="gamma:1.8")), frames=(2, 2))


def test_observations_follow_each_other() -> None:
    x = clip(4)
    operator = stack(*PAIR, frames=(1, 2))
    assert isinstance(operator, LinearOperator)
    assert torch.equal(operator(x), torch.cat([PAIR[0](x), PAIR[1](x)], dim=2))
    assert not isinstance(stack(PAIR[0], CameraResponse(), frames=(1, 4)), LinearOperator)


def test_stds_give_the_least_squares_that_the_noises_ask_for() -> None:
    """argmin |y1 - A1 u|^2 / 2 s1^2 + |y2 - A2 u|^2 / 2 s2^2 + |u - x|^2 / 2 r2, by a dense solve."""
    x, y1, y2 = clip(4), clip(1, 1), clip(2, 2)
    stds, r2 = (0.1, 0.5), 0.3
    found = stack(*PAIR, frames=(1, 2), stds=stds).prox(x, join(y1, y2, stds=stds), r2, 1.0)
    basis = torch.eye(x.numel(), dtype=torch.float64).reshape(-1, *x.shape[1:])
    system = torch.eye(x.numel(), dtype=torch.float64) / r2
    right = x.flatten() / r2
    for operator, y, std in zip(PAIR, (y1, y2), stds, strict=True):
        dense = operator(basis).flatten(1).T
        system += dense.T @ dense / std**2
        right += dense.T @ y.flatten() / std**2
    torch.testing.assert_close(found.flatten(), torch.linalg.solve(system, right), rtol=0, atol=1e-11)


def test_each_observation_has_its_noise() -> None:
    noise = StackedNoise(noises=(GaussianNoise(std=0.1), PoissonNoise(gain=0.01)), frames=(1, 2))
    y, mean = clip(3), clip(3, 1) + 0.1
    expected = noise.noises[0].negative_log_likelihood(y[:, :, :1], mean[:, :, :1])
    expected = expected + noise.noises[1].negative_log_likelihood(y[:, :, 1:], mean[:, :, 1:])
    torch.testing.assert_close(noise.negative_log_likelihood(y, mean), expected)
    drawn = noise.sample(mean, SeededRandomness(seed=0))
    counts = drawn[:, :, 1:] / 0.01
    torch.testing.assert_close(counts, counts.round(), rtol=0, atol=1e-9)
    deviation = noise.standard_deviation(mean)
    assert bool((deviation[:, :, :1] == 0.1).all())
    torch.testing.assert_close(deviation[:, :, 1:], (0.01 * mean[:, :, 1:]).sqrt())
    with pytest.raises(SpaceError, match="3 frames, but the observation has 2"):
        noise.sample(mean[:, :, :2], SeededRandomness(seed=0))


def test_parts_that_do_not_match() -> None:
    space = VideoSpace(frames=4, height=4, width=4, channels=1)
    with pytest.raises(SpaceError, match=r"observation 2 of 2.*height is 2, in the first 4"):
        stack(SelectFrames(every=3), Downsample(factor=2), frames=(2, 4)).output_space(space)
    with pytest.raises(SpaceError, match="has 1 frames, but the stack declares 2"):
        stack(*PAIR, frames=(2, 2)).output_space(space)
    with pytest.raises(SpaceError, match="different c t h w"):
        stack(TemporalAverage(frames=4), TemporalAverage(frames=5), frames=(1, 1)).input_space(
            VideoSpace(frames=2, height=4, width=4)
        )
    with pytest.raises(ComponentError, match="1 operators and frames"):
        stack(PAIR[0], frames=(1, 2))
    with pytest.raises(ComponentError, match="stds must be 2 positive"):
        stack(*PAIR, frames=(1, 2), stds=(0.1, 0.0))
    with pytest.raises(ComponentError, match="stacked noise"):
        StackedNoise(noises=(), frames=())
