"""`ReaderDataset`: what a reader reads, one seed after the other, for `torch.utils.data`."""

from typing import final

import attrs
from torch import Tensor
from torch.utils.data import Dataset

from invsolve.errors import SpaceError
from invsolve.media.reader import ReadContext, Reader
from invsolve.validators import instance, whole


@final
@attrs.frozen
class ReaderDataset(Dataset[dict[str, Tensor]]):
    """Item ``i`` is what `reader` reads with the seed ``context.seed + i``: ``{"video": c t h w}``.

    Where the reader knows the truth behind an observation, as `SimulateReader` does, there is also ``"truth"``. Items
    are the same in every process, epoch and order.

    Attributes:
        reader: such as `ClipsReader`, whose seed draws a window of a clip.
        count: how many items, at least 1.
        context: operator, noise and first seed, see `ReadContext`.

    Raises:
        IndexError: beyond the last item.
        SpaceError: where the reader reads several videos at once, and what it raises itself.

    Examples:
        ```python
        windows = ReaderDataset(ClipsReader(folders=(ClipFolder("clips/"),), frames=16, crop="64x64"), count=10_000)
        loader = torch.utils.data.DataLoader(windows, batch_size=8, num_workers=4)
        ```
    """

    reader: Reader = attrs.field(validator=instance(Reader))
    count: int = attrs.field(validator=whole(least=1))
    context: ReadContext = attrs.field(factory=ReadContext)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if not -self.count <= index < self.count:
            raise IndexError(f"there is no item {index} among {self.count}.")
        seed = self.context.seed + index % self.count
        found = self.reader.read(attrs.evolve(self.context, seed=seed))
        if len(found.video) != 1:
            raise SpaceError(f"{found.name} holds {len(found.video)} videos; an item of a dataset is one.")
        item = {"video": found.video[0]}
        return item if found.truth is None else item | {"truth": found.truth[0]}
