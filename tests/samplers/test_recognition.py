"""Seen frames of different scenes are remarked on, and those of one scene are not."""

import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, Problem, VideoSpace, solve
from invsolve_operators import SelectFrames
from invsolve_priors import SpectralGaussian
from invsolve_samplers import (
    BidirectionalWarp,
    DISFlow,
    FileFlow,
    NormalisedBidirectionalWarp,
    StillFlow,
    TimeAdaptiveResShift,
)
from invsolve_samplers.interpolation.motion import Motion
from invsolve_samplers.interpolation.recognition import recognised

HEIGHT, WIDTH = 64, 80


def texture(seed: int) -> torch.Tensor:
    """Smooth random values near [0, 1], `h w`, periodic."""
    numbers = np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH))
    rows, columns = np.meshgrid(np.fft.fftfreq(HEIGHT), np.fft.fftfreq(WIDTH), indexing="ij")
    smooth = np.fft.ifft2(np.fft.fft2(numbers) * np.exp(-15 * (rows**2 + columns**2))).real
    return torch.from_numpy(0.5 + 0.25 * smooth / smooth.std())


def remarks(sampler, *seen: torch.Tensor, every: int = 2, rows: int = 1) -> tuple[str, ...]:
    space = VideoSpace(frames=1 + every * (len(seen) - 1), height=HEIGHT, width=WIDTH, channels=1)
    observation = torch.stack(seen)[None, None].expand(rows, -1, -1, -1, -1)
    problem = Problem(SelectFrames(every=every), observation, SpectralGaussian(), GaussianNoise(0.01), space=space)
    return solve(problem, sampler, seed=0).verdict.remarks


@pytest.mark.parametrize(
    "sampler", [NormalisedBidirectionalWarp(), BidirectionalWarp(), TimeAdaptiveResShift(steps=2)], ids=repr
)
def test_a_cut_is_remarked_on(sampler):
    said = " ".join(remarks(sampler, texture(1), texture(2)))
    assert "of the pixels of frames 0 and 2 again in one another: they seem to show different scenes" in said
    assert "`sampler.flow: {use: still}`" in said


def test_a_cut_between_others_is_named():
    scene = texture(1)
    same, other = torch.roll(scene, (1, 2), (0, 1)), texture(2)
    said = " ".join(remarks(NormalisedBidirectionalWarp(), scene, same, other, every=3))
    assert "of frames 3 and 6 again" in said
    assert "pairs" not in said
    assert "(2 of 2 pairs of seen frames" in " ".join(remarks(NormalisedBidirectionalWarp(), scene, other, texture(4)))


@pytest.mark.parametrize("shift", [(0, 0), (2, -3), (0, 6)])
def test_one_scene_is_not(shift):
    scene = texture(1)
    said = remarks(NormalisedBidirectionalWarp(), scene, torch.roll(scene, shift, (0, 1)), rows=2)
    assert "again in one another" not in " ".join(said)


def test_an_object_before_another_background_is_one_scene():
    scene = texture(1)
    moved = scene.clone()
    moved[20:44, 30:60] = texture(2)[20:44, 30:60]
    assert "again in one another" not in " ".join(remarks(NormalisedBidirectionalWarp(), scene, moved))


def test_a_cross_fade_that_was_asked_for_is_not_remarked_on():
    said = remarks(NormalisedBidirectionalWarp(StillFlow()), texture(1), texture(2))
    assert "again in one another" not in " ".join(said)


def test_flows_of_another_program_that_do_not_lead_back(tmp_path):
    flow = np.full((2, HEIGHT, WIDTH), 5.0, np.float32)
    np.save(tmp_path / "flow.npy", flow)
    np.save(tmp_path / "back.npy", -flow)
    scene = texture(1)
    astray = FileFlow(forward=tmp_path / "flow.npy", backward=tmp_path / "flow.npy")
    assert "only 0% of the pixels" in " ".join(remarks(NormalisedBidirectionalWarp(astray), scene, scene))
    there_and_back = FileFlow(forward=tmp_path / "flow.npy", backward=tmp_path / "back.npy")
    assert "again" not in " ".join(remarks(NormalisedBidirectionalWarp(there_and_back), scene, scene))


@pytest.mark.parametrize("columns", [0, 20, 60])
def test_the_share_that_leads_back(columns):
    """Of a shift by whole pixels: all but the columns that leave the frame; of another brightness, none."""
    flow = torch.zeros(2, 2, HEIGHT, WIDTH)
    flow[:, 1] = columns
    scene = texture(1)[None, None].repeat(2, 3, 1, 1).float()
    moved = torch.roll(scene, columns, 3)
    moved[1] += 0.2
    expected = torch.tensor([1 - columns / WIDTH, 0])
    torch.testing.assert_close(recognised(Motion(scene, moved, flow, -flow), 0.1), expected)
    torch.testing.assert_close(recognised(Motion(scene, moved, flow, -flow), 0.3), expected[:1].expand(2))


def test_unrelated_pictures_and_moved_ones_are_far_from_the_threshold():
    def share(one, other):
        return float(recognised(Motion.between(one[None, None], other[None, None], DISFlow()), 0.1))

    assert max(share(texture(seed), texture(seed + 10)) for seed in range(4)) < 0.15
    assert min(share(texture(seed), torch.roll(texture(seed), (3, -4), (0, 1))) for seed in range(4)) > 0.7
