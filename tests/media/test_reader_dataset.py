"""What a reader reads under one seed after the other, as items of a torch dataset."""

from typing import final

import attrs
import pytest
import torch

import invsolve as iv
from invsolve.errors import ComponentError, SpaceError
from invsolve.media import ReadContext, Reader, Recording, SimulateReader


@final
@attrs.frozen
class Drawn(Reader):
    """Numbers that the seed draws."""

    videos: int = 1

    def read(self, context: ReadContext) -> Recording:
        video = torch.rand(self.videos, 1, 2, 3, 4, generator=torch.Generator().manual_seed(context.seed))
        return Recording(video=video, space=iv.VideoSpace.of(video), name="drawn", sha256="")


def test_item_by_item_the_seed_grows():
    dataset = iv.ReaderDataset(Drawn(), count=3, context=ReadContext(seed=5))
    expected = [Drawn().read(ReadContext(seed=seed)).video[0] for seed in (5, 6, 7)]
    loaded = torch.utils.data.DataLoader(dataset, batch_size=3)
    assert torch.equal(next(iter(loaded))["video"], torch.stack(expected))
    assert torch.equal(dataset[-1]["video"], expected[2])
    assert len(dataset) == 3
    with pytest.raises(IndexError, match="no item 3 among 3"):
        dataset[3]


def test_the_truth_of_a_simulation_comes_along():
    context = ReadContext(operator=iv.Scaled(0.5), noise=iv.GaussianNoise(std=0.01))
    item = iv.ReaderDataset(SimulateReader(Drawn()), count=1, context=context)[0]
    assert torch.equal(item["truth"], Drawn().read(ReadContext(seed=0)).video[0])
    assert 0 < float((item["video"] - 0.5 * item["truth"]).abs().max()) < 0.1


def test_misuse():
    with pytest.raises(SpaceError, match="drawn holds 2 videos; an item of a dataset is one"):
        iv.ReaderDataset(Drawn(videos=2), count=1)[0]
    with pytest.raises(ComponentError, match=r"ReaderDataset\.count must be a whole number >= 1, got 0"):
        iv.ReaderDataset(Drawn(), count=0)
