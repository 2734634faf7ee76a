"""The figure and the video of a clip show what they say."""

import av
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from invsolve.figures.clip_figure import write_clip_figure
from invsolve.figures.clip_strips import clip_strips, pair_of_samples
from invsolve.figures.side_by_side import write_side_by_side
from invsolve.figures.strip import shown_frames
from invsolve.metrics import Reconstruction
from invsolve.noise import GaussianNoise
from invsolve.operator import Operator
from invsolve.video.space import VideoSpace
from invsolve_operators import TemporalAverage


def rand(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


TRUTH = rand(1, 3, 4, 12, 14)


def solved(video: Tensor, operator: Operator | None = None, truth: Tensor | None = TRUTH) -> Reconstruction:
    operator = operator or TemporalAverage(frames=4)
    observed = operator.forward(video[0])
    return Reconstruction(
        video=video,
        space=VideoSpace.of(video[0], transfer="linear", frame_rate=10.0),
        observation=observed,
        observation_space=VideoSpace.of(observed, transfer="linear"),
        operator=operator,
        noise=GaussianNoise(std=0.1),
        truth=truth,
        truth_space=None if truth is None else VideoSpace.of(truth, transfer="linear"),
    )


def near(seed: int) -> Tensor:
    return (TRUTH + 0.1 * rand(*TRUTH.shape, seed=seed)).clamp(0, 1)


def test_a_sample_of_each_direction_of_time():
    backwards = torch.stack([near(1).flip(2), near(2).flip(2), near(3)])
    assert pair_of_samples(solved(backwards), 0) == (2, 0, True)
    assert pair_of_samples(solved(backwards, truth=None), 0) == (0, 2, True)
    assert pair_of_samples(solved(torch.stack([near(1), near(2)])), 0) == (0, 1, False)
    assert pair_of_samples(solved(near(1)[None]), 0) == (0, None, False)


def test_an_observation_that_tells_the_direction_has_none_to_choose():
    video = torch.stack([near(1).flip(2), near(2)])
    assert pair_of_samples(solved(video, TemporalAverage(frames=2)), 0) == (0, 1, False)


def test_rows():
    strips = clip_strips(solved(torch.stack([near(1), near(2).flip(2)])), 0)
    labels = [strip.label.split("\n")[0] for strip in strips]
    assert labels == ["sample 0", "sample 1,", "mean of 2", "truth", "std of samples", "error of mean"]
    # the mean is of samples that run the same way, and so is its error
    error = ((near(1) + near(2)) / 2 - TRUTH)[0].square().mean(0).sqrt()
    torch.testing.assert_close(strips[-1].video[0], error, rtol=0, atol=1e-6)
    assert [strip.map for strip in strips] == [False] * 4 + [True] * 2
    alone = clip_strips(solved(near(1)[None], truth=None), 0)
    assert [strip.label for strip in alone] == ["sample 0"]


@pytest.mark.parametrize("operator", [TemporalAverage(frames=4), TemporalAverage(frames=2)], ids=["picture", "video"])
def test_the_figure_is_drawn(tmp_path, operator):
    write_clip_figure(tmp_path / "a.png", solved(torch.stack([near(1), near(2)]), operator))
    with Image.open(tmp_path / "a.png") as picture:
        assert 50 < np.asarray(picture.convert("L")).mean() < 250


def test_the_video_repeats_the_clip_beside_its_truth(tmp_path):
    # values that H.264 keeps: one grey for each frame
    greys = torch.tensor([0.1, 0.4, 0.7, 1.0]).reshape(1, 1, 4, 1, 1).expand(1, 3, 4, 12, 14)
    write_side_by_side(tmp_path / "a.mp4", solved(torch.stack([greys.flip(2), greys]), truth=greys))
    with av.open(str(tmp_path / "a.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 40
    width = frames[0].shape[1] // 4
    middle = [
        [int(frame[frame.shape[0] // 2, round((panel + 0.5) * width), 0]) for panel in range(4)] for frame in frames[:4]
    ]
    encoded = [int(255 * (1.055 * grey ** (1 / 2.4) - 0.055)) for grey in (0.1, 0.4, 0.7, 1.0)]
    for frame, row in enumerate(middle):
        # observed | a sample like the truth | the other way | truth
        wanted = [row[0], encoded[frame], encoded[3 - frame], encoded[frame]]
        np.testing.assert_allclose(row, wanted, atol=6)


def test_frames_that_are_shown():
    assert shown_frames(4) == [0, 1, 2, 3]
    assert shown_frames(1) == [0]
    assert shown_frames(37) == [0, 4, 8, 12, 16, 20, 24, 28, 32, 36]


def test_large_clips_are_made_smaller_in_the_comparison(tmp_path, monkeypatch):
    """The whole video is held in memory, repeated for seconds: at most 512 pixels along a side of a picture."""
    written = {}
    monkeypatch.setattr(
        "invsolve.figures.side_by_side.write_video", lambda path, video, **_: written.update(shape=video.shape)
    )
    wide = torch.rand(1, 1, 3, 4, 600, 1100)
    write_side_by_side(tmp_path / "a.mp4", solved(wide))
    assert written["shape"][2] < 300
    assert written["shape"][3] == 2 * (1100 // 3 + 1 + 16)
