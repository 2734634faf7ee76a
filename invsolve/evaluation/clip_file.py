"""One clip's results as NetCDF: what was measured, and the videos in 8 bits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

import attrs
import torch
import xarray as xr
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.evaluation.measure_tables import measures_of, tables_of
from invsolve.evaluation.measures import Measures
from invsolve.files.seal import check_seal
from invsolve.media import write_dataset
from invsolve.media.dataset import recording_dataset
from invsolve.media.recording import Recording
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.video.labelled import video_array

WAY_OUT: Final = "Evaluate again: the clip is then solved again."


@final
@attrs.frozen(eq=False)
class Kept:
    """What a file keeps of a clip, its videos aside.

    Attributes:
        measures: of the samples (under the empty name) and of every baseline.
        content: of the clip's input, as `content_of` says it.
        motion: the clip's `motion`.
        videos: whether the file holds the videos.
    """

    measures: Mapping[str, Measures]
    content: str
    motion: float
    videos: bool


@final
@attrs.frozen(eq=False)
class ClipFile:
    """``<name>.nc``: the samples, their mean and std, the baselines, the observation and the truth, and every measure.

    Mean and std are those of the samples in one direction of time, where the observation does not tell it.

    Measures are tables, see `tables_of`. Videos are clipped to [0, 1] and kept in 8 bits; what was measured was not.
    """

    path: Path

    def write(
        self,
        reconstruction: Reconstruction,
        baselines: Mapping[str, Tensor],
        recording: Recording,
        measures: Mapping[str, Measures],
        facts: Mapping[str, str | float],
        *,
        videos: bool = True,
    ) -> None:
        """Write a reconstruction of one observation, the baselines' videos ``1 c t h w``, and measures by name.

        Raises:
            WriteError: where the disk does not take them.
            RunFailed: where the disk does not take them.
        """
        content = _videos(reconstruction, baselines, recording) if videos else {}
        write_dataset(self.path, xr.Dataset({**content, **tables_of(measures)}, attrs=dict(facts)), replace=True)

    def measures(self) -> Mapping[str, Measures]:
        """What was measured; as `kept`."""
        return self.kept().measures

    def kept(self) -> Kept:
        """All but the videos, which are not read.

        Raises:
            ReadError: where the file is damaged.
        """
        with self._opened() as lazy:
            videos = [name for name, array in lazy.data_vars.items() if {"y", "observed_y", "truth_y"} & {*array.dims}]
            dataset = lazy.drop_vars(videos).load()
            facts = dataset.attrs
            return Kept(measures_of(dataset), str(facts.get("content", "")), float(facts["motion"]), "video" in videos)

    def dataset(self) -> xr.Dataset:
        """All of it.

        Raises:
            ReadError: where the file is damaged.
        """
        with self._opened() as lazy:
            return lazy.load()

    @contextmanager
    def _opened(self) -> Iterator[xr.Dataset]:
        try:
            if not check_seal(self.path, WAY_OUT):
                raise ReadError(f"{self.path} holds no hash of its content: it is damaged, or older. {WAY_OUT}")
            with xr.open_dataset(self.path, engine="h5netcdf") as lazy:
                yield lazy
        except (OSError, ValueError, KeyError, IndexError, AttributeError, RuntimeError) as error:
            raise ReadError(f"{self.path} is damaged: {error}. {WAY_OUT}") from error


def _videos(
    reconstruction: Reconstruction, baselines: Mapping[str, Tensor], recording: Recording
) -> dict[str, xr.DataArray]:
    video, space, facing = reconstruction.video, reconstruction.space, reconstruction.facing
    variables = {"video": video_array(video, space, tuple(range(len(video))), "video")}
    singles = {"mean": facing.mean(0), "std": facing.std(0, correction=min(1, len(facing) - 1))}
    for name, single in singles.items():
        variables[name] = video_array(single[None], space, (0,), name).isel(sample=0, drop=True)
    if baselines:
        every = video_array(torch.stack([*baselines.values()]), space, tuple(range(len(baselines))), "baseline")
        variables["baseline_video"] = every.rename(sample="baseline").assign_coords(baseline=list(baselines))
    variables |= {str(name): array for name, array in recording_dataset(recording).data_vars.items()}
    # of another size than the samples, so that its axes need names of their own, as those of the truth have
    observed = variables["observed"]
    own = (*(axis for axis in observed.dims if axis != "observation"), *observed.coords)
    variables["observed"] = observed.rename({name: f"observed_{name}" for name in dict.fromkeys(own)})
    return {name: _eight_bits(array.isel(observation=0)) for name, array in variables.items()}


def _eight_bits(array: xr.DataArray) -> xr.DataArray:
    levels = (array.clip(0, 1) * 255).round().astype("uint8")
    return levels.assign_attrs(array.attrs, scale_factor=1 / 255)
