"""Frames between frames: motion, masks, chains and the samplers that use them."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve import GaussianNoise, Problem, VideoSpace, solve
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.recipe import load_one
from invsolve.record.execution import Task
from invsolve.testing.probing import InjectedRandomness
from invsolve_operators import SelectFrames, TemporalAverage
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
from invsolve_samplers.interpolation.warp_chain import WarpChain

SIDE = 24


def texture(seed: int, height: int = SIDE, width: int = SIDE) -> torch.Tensor:
    """Smooth random values near [0, 1], `h w`, periodic."""
    numbers = np.random.default_rng(seed).standard_normal((height, width))
    rows, columns = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    smooth = np.fft.ifft2(np.fft.fft2(numbers) * np.exp(-60 * (rows**2 + columns**2))).real
    return torch.from_numpy(0.5 + 0.15 * smooth / smooth.std())


def moving(block: int, behind: torch.Tensor, shift: int) -> torch.Tensor:
    """A textured square, 8 wide, that has moved `shift` pixels to the right over a background at rest."""
    frame = behind.clone()
    frame[8:16, 6 + shift : 14 + shift] = texture(block)[8:16, 6:14]
    return frame


def constant(rows: float, columns: float, like: torch.Tensor) -> torch.Tensor:
    flow = torch.tensor([rows, columns], dtype=torch.float64).reshape(1, 2, 1, 1)
    return flow.expand(1, 2, *like.shape[-2:]).clone()


def problem_of(first: torch.Tensor, last: torch.Tensor, every: int, noise: float = 0.01, transfer: str = "unknown"):
    seen = torch.stack([first, last])[None, None]
    space = VideoSpace(frames=every + 1, height=first.shape[0], width=first.shape[1], channels=1, transfer=transfer)
    return Problem(SelectFrames(every=every), seen, SpectralGaussian(), GaussianNoise(noise), space=space)


def test_a_translation_is_followed_exactly():
    """Eight pixels to the right and four up, in quarters; pixels that left the frame are seen from one side alone."""
    scene = texture(0)
    frames = [torch.roll(scene, (-t, 2 * t), (0, 1)) for t in range(5)]
    motion = Motion(frames[0][None, None], frames[4][None, None], constant(-4, 8, scene), constant(4, -8, scene))
    for t in (1, 2, 3):
        view = motion.at(t / 4)
        inside = (..., slice(4, -4), slice(8, -8))
        torch.testing.assert_close(view.first[0, 0][inside], frames[t][inside], rtol=0, atol=1e-12)
        torch.testing.assert_close(view.last[0, 0][inside], frames[t][inside], rtol=0, atol=1e-12)
        torch.testing.assert_close(view.to_first[0][:, 4:-4, 8:-8], constant(t, -2 * t, scene)[0][:, 4:-4, 8:-8])
        assert bool((view.mask[0, 0][4:-4, 8:-8] == 0.5).all())
        assert bool((view.mask[0, 0][4:-4, : 2 * t] == 0).all())  # came in from the left: the last frame alone


def test_what_one_frame_hides_comes_from_the_other():
    """A square moves 4 pixels to the right. Half way, what lies behind it is seen in one frame or the other only."""
    behind = texture(5)
    first, middle, last = (moving(9, behind, shift) for shift in (0, 2, 4))
    forward, backward = constant(0, 0, behind), constant(0, 0, behind)
    forward[0, 1, 8:16, 6:14], backward[0, 1, 8:16, 10:18] = 4.0, -4.0
    view = Motion(first[None, None], last[None, None], forward, backward).at(0.5)
    assert bool((view.mask[0, 0, 9:15, 6:8] == 0).all())  # laid bare behind the square: hidden in the first frame
    assert bool((view.mask[0, 0, 9:15, 16:18] == 1).all())  # about to be covered: hidden in the last one
    assert bool((view.mask[0, 0, 9:15, 9:15] == 0.5).all())
    assert bool((view.mask[0, 0, :, :4] == 0.5).all())
    chain = WarpChain(std=0.01, disagreement=0.0, occlusion=1.0, solver="diagonal", draw=False)
    wrong = (chain.mean(view, 0.5)[0, 0] - middle).abs() > 1e-2
    assert int(wrong.sum()) <= 2  # where the square happens to be as bright as what it hides
    trusting = WarpChain(std=0.01, disagreement=0.0, occlusion=0.0, solver="diagonal", draw=False)
    assert float((trusting.mean(view, 0.5)[0, 0] - middle)[9:15, 6:8].abs().max()) > 0.05


@pytest.mark.parametrize("normalised", [True, False])
def test_weights(normalised: bool):
    chain = WarpChain(0.01, 0.0, 1.0, "diagonal", False, normalised)
    view = Motion(*[torch.zeros(1, 1, 4, 4)] * 2, *[torch.zeros(1, 2, 4, 4)] * 2).at(0.25)
    for mask, expected in (
        (1.0, (1.0, 0.0) if normalised else (0.75, 0.0)),
        (0.0, (0.0, 1.0) if normalised else (0.0, 0.25)),
        (0.5, (0.75, 0.25) if normalised else (0.75, 0.0)),
    ):
        seen = type(view)(view.first, view.last, view.to_first, view.to_last, torch.full((1, 1, 4, 4), mask))
        found = tuple(float(weight[0, 0, 0, 0]) for weight in chain.weights(seen, 0.25))
        assert found == pytest.approx(expected)


def test_the_chain_against_a_recursion_by_hand():
    """Nothing moves, so that all is diagonal: the law of each frame given the next is that of two numbers."""
    first, last = (torch.rand(1, 1, 3, 4, dtype=torch.float64) for _ in range(2))
    motion = Motion.between(first, last, StillFlow())
    chain = WarpChain(std=0.02, disagreement=0.5, occlusion=1.0, solver="conjugate_gradients", draw=True)
    noise = {(0, k): torch.randn(1, 12, dtype=torch.float64) for k in range(5)}
    found = chain.fill(motion, 3, InjectedRandomness(noise))
    n = [values.reshape(1, 1, 3, 4) for values in noise.values()]
    differing = (first - last).square()
    box = torch.nn.functional.avg_pool2d(differing, 5, 1, 2, count_include_pad=False)
    spread = {t: (0.02**2 + 0.25 * box) * 4 * (t / 4) * (1 - t / 4) for t in (1, 2, 3)}
    mean = {t: first + t / 4 * (last - first) for t in (1, 2, 3)}
    x3 = mean[3] + spread[3].sqrt() * n[0]
    for t, following, (ahead, here), frame in ((2, x3, n[1:3], found[1]), (1, found[1], n[3:5], found[0])):
        weight, rest = 1 - (t + 1) / 4, (t + 1) / 4 * last
        precision = weight**2 / spread[t + 1] + 1 / spread[t]
        right = weight * (following - rest) / spread[t + 1] + weight * ahead / spread[t + 1].sqrt()
        right = right + mean[t] / spread[t] + here / spread[t].sqrt()
        torch.testing.assert_close(frame, right / precision, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(found[2], x3)


@pytest.mark.parametrize("every", [2, 5])
def test_interpolation_beats_a_cross_fade(every: int):
    """A texture that moves by several pixels, found by dense inverse search."""
    scene = texture(2, 64, 64)
    step = 6 // every if every < 6 else 1
    frames = [torch.roll(scene, (t * step, -t * step), (0, 1)) for t in range(every + 1)]
    problem = problem_of(frames[0], frames[every], every)
    truth = torch.stack(frames)[:, 10:-10, 10:-10]
    found = solve(problem, NormalisedBidirectionalWarp(draw=False), seed=0).video[0, 0, 0, :, 10:-10, 10:-10]
    faded = solve(problem, NormalisedBidirectionalWarp(StillFlow(), draw=False), seed=0).video[
        0, 0, 0, :, 10:-10, 10:-10
    ]
    assert float((found - truth).abs().max()) < 0.02
    assert float((found - truth).square().mean()) < 0.01 * float((faded - truth).square().mean())


def test_draws_scatter_as_the_law_says():
    """One frame between: mean and standard deviation over samples are those of N(mu, B), seen frames those of y."""
    scene = texture(3, 32, 32)
    problem = problem_of(scene, torch.roll(scene, 3, 1), 2, noise=0.005)
    sampler = NormalisedBidirectionalWarp(StillFlow(), std=0.02, disagreement=0.5)
    solution = solve(problem, sampler, seed=1, samples=200)
    between = solution.std[0, 0, 1]
    chain = WarpChain(0.02, 0.5, 0.5, "conjugate_gradients", False)
    motion = Motion.between(problem.observation[:, :, 0], problem.observation[:, :, 1], StillFlow())
    expected = chain.variance(motion.at(0.5), 0.5)[0, 0].sqrt()
    assert float((between / expected).mean()) == pytest.approx(1.0, abs=0.02)
    assert float(torch.corrcoef(torch.stack([between.flatten(), expected.flatten()]))[0, 1]) > 0.9
    assert float(solution.chi_square.mean()) == pytest.approx(1.0, abs=0.05)
    assert "residual is 0" in solve(problem, NormalisedBidirectionalWarp(draw=False), seed=0).message


def test_the_unnormalised_bridge_dims_what_it_shows():
    """Its mean at l = 1/4 is 3/4 of frame 0: the reason for the other one."""
    scene = texture(4, 32, 32)
    problem = problem_of(scene, scene, 4)
    found = solve(problem, BidirectionalWarp(StillFlow(), std=1e-4, draw=False), seed=0).video[0, 0, 0]
    torch.testing.assert_close(found[3], 0.75 * scene, rtol=1e-12, atol=1e-12)
    kept = solve(problem, NormalisedBidirectionalWarp(StillFlow(), draw=False), seed=0).video[0, 0, 0]
    torch.testing.assert_close(kept, scene.expand(5, 32, 32), rtol=1e-10, atol=1e-10)


def test_time_adaptive_start():
    """Without noise: the cross-fade with the shares that tau says, and the seen frames as they are."""
    first, last = texture(6), texture(7)
    problem = problem_of(first, last, 4)
    sampler = TimeAdaptiveResShift(steps=4, flow=StillFlow(), tau=(0.0, 0.5, 0.9))
    state = sampler.init(problem, InjectedRandomness())
    level = sampler.walk.levels(problem)[0]
    found = problem.decode(state.z / level.a)[0, 0]
    expected = torch.stack([first.lerp(last, share) for share in (0.0, 0.0, 0.5, 0.9, 1.0)])
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    assert solve(problem, sampler, seed=0).chi_square.item() < 1e-6


def test_what_is_refused():
    scene = texture(8)
    with pytest.raises(ComponentError, match="tau has 2 shares for gaps of 3 frames"):
        solve(problem_of(scene, scene, 4), TimeAdaptiveResShift(flow=StillFlow(), tau=(0.2, 0.4)), seed=0)
    with pytest.raises(ComponentError, match="from 0 to 1"):
        TimeAdaptiveResShift(tau=(0.2, 1.4))
    one_sided = Problem(SelectFrames(indices=(0, 2), frames=4), torch.rand(1, 1, 2, 8, 8), SpectralGaussian())
    with pytest.raises(CapabilityError, match=r"shows frames \[0, 2\] of 0 to 3"):
        solve(one_sided, NormalisedBidirectionalWarp(StillFlow()), seed=0)
    blurred = Problem(TemporalAverage(frames=4), torch.rand(1, 1, 1, 8, 8), SpectralGaussian())
    with pytest.raises(CapabilityError, match="an operator that shows some frames as they are"):
        solve(blurred, NormalisedBidirectionalWarp(StillFlow()), seed=0)


def test_seen_frames_side_by_side_and_out_of_order():
    """Nothing to fill between frames 0 and 1; the observation's order is not the clip's."""
    frames = torch.rand(1, 1, 3, 8, 8, dtype=torch.float64)
    operator = SelectFrames(indices=(3, 0, 1), frames=4)
    problem = Problem(operator, frames[:, :, [2, 0, 1]], SpectralGaussian())
    found = solve(problem, NormalisedBidirectionalWarp(StillFlow(), draw=False), seed=0).video[0]
    expected = torch.stack([*frames[0, 0, :2], frames[0, 0, 1:].mean(0), frames[0, 0, 2]])
    torch.testing.assert_close(found[0, 0], expected, rtol=1e-10, atol=1e-10)


def test_dense_inverse_search_finds_a_translation():
    scene = texture(1, 96, 128)
    moved = torch.roll(scene, (3, -5), (0, 1))
    pair = (scene[None, None].expand(2, 3, -1, -1), moved[None, None].expand(2, 3, -1, -1))
    forward, backward = DISFlow().between(*pair)
    assert forward.shape == (2, 2, 96, 128)
    assert forward.dtype == torch.float64
    for flow, sign in ((forward, 1), (backward, -1)):
        median = flow[:, :, 16:-16, 16:-16].flatten(2).median(2).values
        torch.testing.assert_close(
            median, sign * torch.tensor([[3.0, -5.0]] * 2, dtype=torch.float64), atol=0.05, rtol=0
        )


def test_without_opencv_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(CapabilityError, match=r"pip install 'invsolve\[flow\]'"):
        DISFlow().between(*[torch.rand(1, 3, 32, 32)] * 2)


def test_flow_files(tmp_path):
    flow = np.arange(24, dtype=np.float32).reshape(2, 3, 4)  # 2 h w, along h then w
    np.save(tmp_path / "forward.npy", flow)
    pairs = flow[::-1].transpose(1, 2, 0)
    (tmp_path / "backward.flo").write_bytes(struct.pack("<fii", 202021.25, 4, 3) + pairs.astype("<f4").tobytes())
    reader = FileFlow(forward=tmp_path / "forward.npy", backward=tmp_path / "backward.flo")
    for found in reader.between(*[torch.zeros(2, 1, 3, 4)] * 2):
        torch.testing.assert_close(found, torch.from_numpy(flow).expand(2, 2, 3, 4))
    with pytest.raises(SpaceError, match=r"\(2, 3, 4\), but the pictures have h w = \(5, 4\)"):
        reader.between(*[torch.zeros(1, 1, 5, 4)] * 2)
    (tmp_path / "cut.flo").write_bytes(struct.pack("<fii", 202021.25, 4, 3))
    with pytest.raises(ReadError, match=r"complete \.flo file"):
        FileFlow(tmp_path / "cut.flo", tmp_path / "cut.flo").between(*[torch.zeros(1, 1, 3, 4)] * 2)
    with pytest.raises(ReadError, match="cannot be read"):
        FileFlow(tmp_path / "none.npy", tmp_path / "none.npy").between(*[torch.zeros(1, 1, 3, 4)] * 2)


def test_the_recipe_takes_two_pictures(tmp_path):
    """What docs/interpolation.md says: a folder of two pictures, and any number of frames between them."""
    for number in range(2):
        values = (255 * torch.roll(texture(3, 40, 48), 4 * number, 1).clamp(0, 1)).round().byte().numpy()
        Image.fromarray(values).save(tmp_path / f"{number}.png")
    overrides = [f"input={{read: frames, path: {tmp_path}}}", "operator.every=6"]
    recipe = load_one(Path(__file__).parents[2] / "recipes" / "interpolate.yaml", overrides)
    problem = Task.prepare(recipe).problem
    solution = solve(problem, recipe.sampler, seed=0, samples=2)
    assert solution.video.shape == (2, 1, 1, 7, 40, 48)
    assert float(solution.chi_square.mean()) == pytest.approx(1.0, abs=0.1)
