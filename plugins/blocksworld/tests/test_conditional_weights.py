"""The conditional weights use what they are shown, on clips that no training saw."""

import pytest
import torch

from invsolve.media import ReadContext
from invsolve_blocksworld import BlocksworldReader
from invsolve_blocksworld.conditional_weights import ConditionalWeights
from invsolve_priors import ExposureConditioned, STDiT


@pytest.fixture(scope="module")
def network():
    return STDiT(weights="blocksworld_conditional")


@pytest.fixture(scope="module")
def clips():
    return BlocksworldReader(split="test", index=0, clips=6).read(ReadContext()).video


def test_they_are_installed_and_small(network):
    path = ConditionalWeights().path()
    assert network.path == path
    assert path.stat().st_size < 20_000_000
    assert network.card.condition == "frame"


@pytest.mark.parametrize("frames", [10, 5])
@pytest.mark.parametrize("step", [1, 4])
def test_the_own_picture_serves_better_than_another_and_than_none(network, clips, frames, step):
    prior, clip = ExposureConditioned(prior=network), clips[:, :, :frames]
    level = network.schedule.levels(10)[step]
    assert level.s / level.a > 1
    with torch.no_grad():
        z0, picture = prior.encode(clip), prior.encode(clip.mean(2, keepdim=True))
        eps = torch.randn(z0.shape, generator=torch.Generator().manual_seed(0))
        own, other, none = (
            float((prior.predict(level.a * z0 + level.s * eps, level, shown).z0 - z0).square().mean())
            for shown in (picture, picture.roll(1, 0), torch.zeros_like(picture))
        )
    assert own < 0.7 * none
    assert own < 0.5 * other


def test_past_and_future_lie_outside_of_the_exposure(network, clips):
    """Told that frames lie far from the exposure, the network says something else of them."""
    picture = network.encode(clips[:1].mean(2, keepdim=True))
    level = network.schedule.levels(10)[1]
    z = torch.randn(1, 12, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    within = ExposureConditioned(prior=network, intervals=[[0.0, 0.5], [0.5, 1.0]])
    beyond = ExposureConditioned(prior=network, intervals=[[-1.0, -0.5], [1.5, 2.0]])
    with torch.no_grad():
        inside, outside = (prior.predict(z, level, picture).z0 for prior in (within, beyond))
    assert float((inside - outside).square().mean()) > 1e-3
