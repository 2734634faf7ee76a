"""The law of latents and its videos."""

import math

import torch

from invsolve_photographs.law import CHANNELS, DIRECTION, END, PICTURE, REMAINDER, SMOOTH, PhotographLaw, smoothed
from invsolve_photographs.motion.line import doubled
from invsolve_photographs.motion.path import Path, exposure_times
from invsolve_photographs.motion.regions import Regions
from invsolve_photographs.network.estimate import Estimate

SIZE = (21, 30)
GRID = (6, 8)


def law(frames: int = 5) -> PhotographLaw:
    """Two regions that move across each other, in float64."""
    rng = torch.Generator().manual_seed(0)
    motion = torch.zeros(1, 2, *GRID, dtype=torch.float64)
    motion[:, 1, :, :4], motion[:, 0, :, 4:] = 3, 2
    zeros = torch.zeros(1, 2, *GRID, dtype=torch.float64)
    path = Path(doubled(motion), 0.1 * torch.ones_like(zeros), zeros[:, :, None].expand(1, 2, 3, *GRID))
    sharp = torch.rand(1, 3, *SIZE, dtype=torch.float64, generator=rng)
    ones = torch.ones(1, 1, *SIZE, dtype=torch.float64)
    grid = torch.ones(1, 1, *GRID, dtype=torch.float64)
    labels = torch.zeros(GRID, dtype=torch.int64)
    labels[:, 4:] = 1
    regions = Regions(labels, motion[0], torch.zeros(2, 2, dtype=torch.float64))
    return PhotographLaw(
        estimate=Estimate(sharp, path, 0.02 * ones, 0.5 * grid),
        regions=regions,
        times=exposure_times(frames).double(),
        picture_std=0.02 * ones,
        end_std=0.4 * grid,
        remainder_std=0.03,
    )


def mean_latent(signs: tuple[float, float] = (1.0, 1.0)) -> torch.Tensor:
    z = torch.zeros(1, CHANNELS, 1, *GRID, dtype=torch.float64)
    z[:, DIRECTION, 0] = law().regions.spread_out(torch.tensor([signs], dtype=torch.float64))
    return z


def test_smooth_noise_has_unit_variance_everywhere() -> None:
    impulses = torch.eye(12 * 13, dtype=torch.float64).reshape(12 * 13, 1, 12, 13)
    assert torch.allclose(smoothed(impulses).square().sum(0), torch.ones(1, 12, 13, dtype=torch.float64), atol=1e-12)


def test_smooth_noise_is_alike_in_neighbours() -> None:
    impulses = torch.eye(45, dtype=torch.float64).reshape(45, 1, 1, 45)
    response = smoothed(impulses)[:, 0, 0]
    for apart in range(8):
        # two Gaussians of the same width make one that is wider by the root of two
        wanted = math.exp(-((apart / SMOOTH) ** 2) / 4)
        assert math.isclose(float((response[:, 20] * response[:, 20 + apart]).sum()), wanted, abs_tol=2e-3)


def test_the_other_direction_is_the_video_backwards() -> None:
    there, back = law().decode(mean_latent((1.0, 1.0))), law().decode(mean_latent((-1.0, -1.0)))
    assert torch.allclose(there, back.flip(2), atol=1e-9)
    assert (there - back).abs().max() > 0.05


def test_one_region_turns_alone() -> None:
    there, half = law().decode(mean_latent((1.0, 1.0))), law().decode(mean_latent((1.0, -1.0)))
    assert torch.allclose(there[..., :10], half[..., :10], atol=1e-9)
    assert torch.allclose(there[..., 22:], half[..., 22:].flip(2), atol=1e-9)


def test_videos_of_the_mean_motion_come_back() -> None:
    z = mean_latent((-1.0, 1.0))
    z[:, PICTURE] = torch.randn_like(z[:, PICTURE])
    video = law().decode(z)
    again = law().encode(video)
    assert torch.allclose(law().decode(again), video, atol=1e-9)
    assert torch.equal(again[:, DIRECTION], z[:, DIRECTION])


def test_the_remainder_is_added_to_every_frame() -> None:
    remainder = torch.rand(1, 3, *SIZE, dtype=torch.float64)
    changed = law().with_remainder(mean_latent(), remainder)
    assert torch.allclose(law().remainder(changed), remainder, atol=1e-12)
    assert torch.allclose(law().decode(changed), law().decode(mean_latent()) + remainder[:, :, None], atol=1e-12)


def test_channels_are_all_used_once() -> None:
    used = [k for part in (PICTURE, REMAINDER, END, DIRECTION) for k in range(part.start, part.stop)]
    assert used == list(range(CHANNELS))
