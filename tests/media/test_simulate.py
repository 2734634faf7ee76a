from typing import final

import attrs
import pytest
import torch

from invsolve.errors import ReadError, SpaceError
from invsolve.media import ImageReader, ReadContext, SimulateReader, VideoReader
from invsolve.noise import GaussianNoise
from invsolve.operator import Operator
from invsolve.operator.pipeline import Scaled
from invsolve.randomness import SeededRandomness


@final
@attrs.frozen
class MeanOfFour(Operator):
    def forward(self, x):
        if x.shape[2] < 4:
            raise ValueError("needs 4 frames")
        return x[:, :, :4].mean(dim=2, keepdim=True)


HALF = Scaled(factor=0.5)
NOISE = GaussianNoise(std=0.1)


def test_the_observation_is_operator_and_noise(save, picture):
    inner = ImageReader(path=save("photo.png", picture))
    sharp = inner.read(ReadContext()).video
    made = SimulateReader(from_=inner).read(ReadContext(operator=HALF, noise=NOISE, seed=3))
    rng = SeededRandomness(3, trajectories=((0, 0),), purpose="observation")
    torch.testing.assert_close(made.video, 0.5 * sharp + 0.1 * rng.normal(sharp), rtol=0, atol=1e-6)
    assert torch.equal(made.truth, sharp)
    assert made.truth_space.transfer == "srgb"
    assert made.sha256 == inner.read(ReadContext()).sha256


def test_the_same_seed_gives_the_same_noise(save, picture):
    reader = SimulateReader(from_=ImageReader(path=save("photo.png", picture)))
    seeds = [reader.read(ReadContext(HALF, NOISE, seed)).video for seed in (0, 0, 1)]
    assert torch.equal(seeds[0], seeds[1])
    assert not torch.equal(seeds[0], seeds[2])
    pinned = attrs.evolve(reader, seed=0)
    assert torch.equal(pinned.read(ReadContext(HALF, NOISE, 5)).video, seeds[0])


def test_without_noise(save, picture):
    inner = ImageReader(path=save("photo.png", picture))
    made = SimulateReader(from_=inner).read(ReadContext(operator=HALF))
    assert torch.equal(made.video, 0.5 * made.truth)


def test_its_own_operator_and_noise_win(save, picture):
    inner = ImageReader(path=save("photo.png", picture))
    reader = SimulateReader(from_=inner, operator=(HALF, HALF), noise=GaussianNoise(std=1e-6))
    made = reader.read(ReadContext(operator=HALF, noise=NOISE))
    torch.testing.assert_close(made.video, 0.25 * made.truth, rtol=0, atol=1e-5)


def test_frames_of_the_sharp_clip(clip):
    reader = SimulateReader(from_=VideoReader(path=clip()), frames="1..5")
    made = reader.read(ReadContext(operator=MeanOfFour()))
    assert made.truth_space.frames == 4
    assert made.space.frames == 1
    torch.testing.assert_close(made.video[:, :, 0], made.truth.mean(dim=2))
    assert abs(made.truth[0, 0, 0].mean() * 255 - 30) < 2


def test_too_few_frames(clip):
    with pytest.raises(SpaceError, match=r"needs 4 frames"):
        SimulateReader(from_=VideoReader(path=clip()), frames=2).read(ReadContext(operator=MeanOfFour()))
    with pytest.raises(ReadError, match=r"has 6 frames, but frame 7 was asked for"):
        SimulateReader(from_=VideoReader(path=clip(name="b.mp4")), frames=8).read(ReadContext(operator=HALF))


def test_no_operator_at_all(save, picture):
    with pytest.raises(ReadError, match=r"needs an operator"):
        SimulateReader(from_=ImageReader(path=save("photo.png", picture))).read(ReadContext())


def test_a_truth_at_a_coarser_clock(clip):
    reader = SimulateReader(from_=VideoReader(path=clip()), frames=4, truth_stride=3)
    made = reader.read(ReadContext(operator=MeanOfFour()))
    every = SimulateReader(from_=VideoReader(path=clip(name="b.mp4")), frames=4).read(
        ReadContext(operator=MeanOfFour())
    )
    assert torch.equal(made.video, every.video)
    assert torch.equal(made.truth, every.truth[:, :, [0, 3]])
    assert made.truth_space.frames == 2
    assert made.truth_space.frame_rate == pytest.approx(every.truth_space.frame_rate / 3)
