"""The plugin's contract with invsolve."""

from pathlib import Path

import pytest
import torch

from invsolve.errors import ComponentError
from invsolve.media import ReadContext
from invsolve.recipe import from_data
from invsolve.testing import check_components, check_manifest_is_light
from invsolve_blocksworld import BlocksworldReader
from invsolve_priors.training.recipe import read_recipe


def test_the_manifest_is_light_and_its_components_are_whole():
    check_manifest_is_light("invsolve_blocksworld._plugin")
    check_components("invsolve-blocksworld")


def test_a_recipe_reads_a_clip():
    reader = from_data(
        "reader", {"read": "blocksworld", "split": "test", "index": 3, "frames": 2, "height": 16, "width": 24}
    )
    recording = reader.read(ReadContext())
    assert recording.video.shape == (1, 3, 2, 16, 24)
    assert recording.space.transfer == "linear"
    assert recording.space.frame_rate == 12.5
    assert recording.name == "blocksworld_test_3"
    assert recording.sha256 == reader.read(ReadContext(seed=5)).sha256


def test_without_an_index_every_seed_reads_clips_of_its_own():
    reader = BlocksworldReader(index=None, clips=2, frames=1, height=16, width=16)
    first, second = (reader.read(ReadContext(seed=seed)).video for seed in (0, 1))
    assert torch.equal(
        second, BlocksworldReader(index=2, clips=2, frames=1, height=16, width=16).read(ReadContext()).video
    )
    assert not torch.equal(first, second)


def test_unknown_worlds_are_refused_with_a_hint():
    with pytest.raises(ComponentError, match="Did you mean 'crowd'"):
        BlocksworldReader(world="crowds")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "training").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_training_recipes_can_be_read(path):
    recipe = read_recipe(path)
    assert recipe.data.reader.split == "train"
    assert recipe.data.validation.split == "validation"
    sizes = (recipe.diffusion or recipe.autoencoder).sizes
    assert sizes is not None
