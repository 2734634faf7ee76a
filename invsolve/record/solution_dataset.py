"""`SolutionDataset`: the samples of saved solutions and runs, for `torch.utils.data`."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
import xarray
from torch import Tensor
from torch.utils.data import Dataset

from invsolve.errors import ReadError
from invsolve.record.run_folder import RunFolder
from invsolve.solving.solution_file import ZARR, opened
from invsolve.validators import as_path
from invsolve.video.labelled import VIDEO_AXES

TRUTH_AXES: Final = ("truth_frame", "truth_channel", "truth_y", "truth_x")


def _paths(given: Any) -> tuple[Path, ...]:
    return (as_path(given),) if isinstance(given, str | Path) else tuple(as_path(each) for each in given)


@final
@attrs.frozen
class SolutionDataset(Dataset[dict[str, Tensor]]):
    """One item for each sample of each observation: ``{"video": c t h w, "sample": number, "observation": row}``.

    Of the folder of a run there is also what was ``"observed"``, ``c t h w`` of the observation, and the ``"truth"``
    where it is known. Only the item that is asked for is read, so that worker processes may share the files.

    Attributes:
        paths: files or folders that `Solution.save` wrote, folders of runs, or folders that hold runs (of which the
            newest is taken); one, or several one after the other.

    Raises:
        ReadError: for a path that is none of these or is damaged.
        IndexError: beyond the last item.

    Examples:
        ```python
        samples = SolutionDataset(["runs/deblur_photo", "solution.nc"])
        loader = torch.utils.data.DataLoader(samples, batch_size=4)
        ```
    """

    paths: tuple[Path, ...] = attrs.field(converter=_paths)

    @cached_property
    def items(self) -> tuple[tuple[Path, int, int], ...]:
        """File, place of the sample and row of the observation of each item."""
        found: list[tuple[Path, int, int]] = []
        for path in self.paths:
            file = _file_of(path)
            with opened(file) as dataset:
                if "video" not in dataset or set(dataset["video"].dims) != set(VIDEO_AXES):
                    raise ReadError(f"{file} is no solution: it holds no `video` over {', '.join(VIDEO_AXES)}.")
                sizes = dataset["video"].sizes
            rows = sizes["observation"]
            found += [(file, sample, row) for sample in range(sizes["sample"]) for row in range(rows)]
        return tuple(found)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if not -len(self.items) <= index < len(self.items):
            raise IndexError(f"there is no item {index} among {len(self.items)}.")
        file, sample, row = self.items[index]
        with opened(file) as dataset:
            item = {
                "video": _video(dataset["video"].isel(sample=sample, observation=row), VIDEO_AXES[2:]),
                "sample": torch.tensor(int(dataset["sample"].values[sample])),
                "observation": torch.tensor(row),
            }
        beside = file.with_name("observation.nc")
        if file.name != "solution.nc" or not beside.is_file():
            return item
        with opened(beside) as dataset:
            for name, axes in (("observed", VIDEO_AXES[2:]), ("truth", TRUTH_AXES)):
                if name in dataset:
                    item[name] = _video(dataset[name].isel(observation=row), axes)
        return item


def _file_of(path: Path) -> Path:
    if path.is_file() or path.suffix.lower() == ZARR:
        return path
    return RunFolder.open(path).path / "solution.nc"


def _video(array: xarray.DataArray, axes: tuple[str, ...]) -> Tensor:
    frame, channel, y, x = axes
    return torch.from_numpy(np.ascontiguousarray(array.transpose(channel, frame, y, x).values))
