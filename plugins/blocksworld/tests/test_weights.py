"""The weights that come with the plugin do what their report says, on clips that no training saw."""

import pytest
import torch

from invsolve.media import ReadContext
from invsolve_blocksworld import BlocksworldReader, BlocksworldWeights
from invsolve_priors import STDiT


@pytest.fixture(scope="module")
def prior():
    return STDiT(weights="blocksworld")


@pytest.fixture(scope="module")
def clips():
    return BlocksworldReader(split="test", index=0, clips=4).read(ReadContext()).video


def test_they_are_installed_and_small(prior):
    path = BlocksworldWeights().path()
    assert prior.path == path
    assert path.stat().st_size < 40_000_000


def test_the_autoencoder_keeps_the_clips(prior, clips):
    with torch.no_grad():
        decoded = prior.decode(prior.encode(clips))
    psnr = -10 * (decoded - clips).square().mean((1, 2, 3, 4)).log10()
    assert float(psnr.mean()) > 34


def test_latents_have_about_unit_variance(prior, clips):
    with torch.no_grad():
        z = prior.encode(clips)
    assert 0.8 < float(z.std()) < 1.2


@pytest.mark.parametrize("step", [6, 8])
def test_the_denoiser_knows_the_world(prior, clips, step):
    """Far better than the variance of a latent around its place's mean, which is what blind shrinkage reaches."""
    level = prior.schedule.levels(10)[step]
    with torch.no_grad():
        z0 = prior.encode(clips)
        eps = torch.randn(z0.shape, generator=torch.Generator().manual_seed(0))
        found = prior.predict(level.a * z0 + level.s * eps, level).z0
    blind = level.s**2 / (level.a**2 + level.s**2)
    assert float((found - z0).square().mean()) < 0.5 * blind
