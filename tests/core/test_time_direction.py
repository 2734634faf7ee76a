"""Turning samples to one direction of time."""

from itertools import product

import attrs
import pytest
import torch

import invsolve as iv
from invsolve.errors import SpaceError
from invsolve.posterior.time_direction import aligned, odd_part, turned
from invsolve.posterior.verdict import Verdict


def videos(count, observations=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, observations, 1, 4, 3, 3, generator=generator, dtype=torch.float64)


def spread(video):
    return float(video.var(0).sum())


def test_turned_takes_the_nearer_of_a_sample_and_its_reverse():
    samples, reference = videos(6), videos(1, seed=1)[0]
    found = turned(samples, reference)
    for s, b in product(range(6), range(2)):
        x, back = samples[s, b], samples[s, b].flip(1)
        nearer = min((x, back), key=lambda video: float((video - reference[b]).square().sum()))
        assert torch.equal(found[s, b], nearer)


def test_a_reversed_copy_of_the_reference_is_turned_back_and_a_still_sample_stays():
    reference = videos(1)[0]
    still = reference.mean(2, keepdim=True).expand_as(reference)
    found = turned(torch.stack([reference, reference.flip(2), still]), reference)
    assert torch.equal(found, torch.stack([reference, reference, still]))


def test_odd_part_changes_its_sign():
    x = videos(1)[0]
    assert torch.allclose(odd_part(x.flip(2)), -odd_part(x), atol=0)
    assert not odd_part(x[:, :, :1]).any()


@pytest.mark.parametrize("seed", range(5))
def test_aligned_has_the_least_variance_of_all_choices(seed):
    samples = videos(1, observations=1, seed=9) + videos(6, observations=1, seed=seed)
    samples[::2] = samples[::2].flip(-3)
    choices = (
        spread(torch.stack([x.flip(-3) if flip else x for x, flip in zip(samples, flips, strict=True)]))
        for flips in product((False, True), repeat=6)
    )
    found = aligned(samples)
    assert torch.equal(found[0], samples[0])
    assert spread(found) == pytest.approx(min(choices), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_no_single_flip_improves_even_samples_without_a_direction(seed):
    found = aligned(videos(6, observations=1, seed=seed))
    for i in range(6):
        other = found.clone()
        other[i] = other[i].flip(-3)
        assert spread(other) > spread(found)


def test_aligned_undoes_reversals_of_one_motion():
    motion = videos(1, seed=3)[0]
    samples = motion + 0.1 * videos(40, seed=4)
    flips = torch.rand(40, 2, generator=torch.Generator().manual_seed(5)) < 0.5
    flips[0] = False
    mixed = torch.where(flips[:, :, None, None, None, None], samples.flip(-3), samples)
    assert torch.equal(aligned(mixed), samples)


def test_a_reference_of_another_shape_is_refused():
    with pytest.raises(SpaceError, match="b c t h w of one sample"):
        turned(videos(2), videos(1))


@attrs.frozen
class FrameMean(iv.Operator):
    """The mean over the frames, and the first frame beside it where `first` is not 0."""

    first: float = 0.0

    def forward(self, x):
        return torch.cat([x.mean(2, keepdim=True), self.first * x[:, :, :1]], dim=2)


def test_only_an_operator_that_gives_the_reverse_the_same_observation_is_blind_to_it():
    video, noise = videos(3), iv.GaussianNoise(std=0.01)

    def reversible(operator, samples):
        return Verdict.of(samples, operator.forward(samples[0]), operator, noise).reversible.tolist()

    assert reversible(FrameMean(), video) == [True, True]
    assert reversible(FrameMean(first=1e-3), video) == [False, False]
    assert reversible(FrameMean(), video[:, :, :, :1]) == [False, False]


def test_one_sample_that_tells_its_direction_is_enough():
    """Evidence is that of all samples of an observation, and of no other observation."""
    video, noise = videos(3), iv.GaussianNoise(std=0.01)
    still = video.mean(3, keepdim=True).expand_as(video).clone()
    still[2, 1] = video[2, 1]
    operator = FrameMean(first=1.0)
    verdict = Verdict.of(still, operator.forward(still[0]), operator, noise)
    assert verdict.reversible.tolist() == [True, False]
    assert verdict.of_observation(0).reversible.tolist() == [True]
    assert torch.equal(verdict.of_observation(1).chi_square, verdict.chi_square[:, 1:])
    with_chunks = Verdict.of(still, operator.forward(still[0]), operator, noise, chunk=4)
    assert with_chunks.reversible.tolist() == [True, False]
    torch.testing.assert_close(with_chunks.chi_square, verdict.chi_square, rtol=1e-12, atol=0)
