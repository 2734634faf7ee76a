"""One clip's results as NetCDF: what was measured, and the videos in 8 bits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs
import numpy as np
import xarray as xr
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.evaluation.measures import Measures
from invsolve.files.seal import check_seal
from invsolve.media import write_dataset
from invsolve.media.dataset import recording_dataset
from invsolve.media.recording import Recording
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.video.labelled import video_array

OWN: Final = ""  # the name of what was evaluated, among those of the baselines
AXES: Final = ("sample", "frame")
WAY_OUT: Final = "Evaluate again: the clip is then solved again."


@final
@attrs.frozen(eq=False)
class ClipFile:
    """``<name>.nc``: the samples, their mean and std, the baselines, the observation and the truth, and every measure.

    Mean and std are those of the samples in one direction of time, where the observation does not tell it.

    A measure is a variable over ``sample`` and ``frame``, or neither; its attributes ``measure`` and ``of`` say what it
    is called and which baseline it is of (none: the samples). Videos are clipped to [0, 1] and kept in 8 bits; what was
    measured was not.
    """

    path: Path

    def write(
        self,
        reconstruction: Reconstruction,
        baselines: Mapping[str, Tensor],
        recording: Recording,
        measures: Mapping[str, Measures],
        facts: Mapping[str, str | float],
    ) -> None:
        """Write a reconstruction of one observation, the baselines' videos ``1 c t h w``, and measures by name.

        Raises:
            WriteError: where the disk does not take them.
            RunFailed: where the disk does not take them.
        """
        video, space, facing = reconstruction.video, reconstruction.space, reconstruction.facing
        variables = {"video": video_array(video, space, tuple(range(len(video))), "video")}
        singles = {"mean": facing.mean(0), "std": facing.std(0, correction=min(1, len(facing) - 1))}
        singles |= {f"baseline_{name}": estimate for name, estimate in baselines.items()}
        for name, single in singles.items():
            variables[name] = video_array(single[None], space, (0,), name).isel(sample=0, drop=True)
        variables |= {str(name): array for name, array in recording_dataset(recording).data_vars.items()}
        # of another size than the samples, so that its axes need names of their own, as those of the truth have
        observed = variables["observed"]
        own = (*(axis for axis in observed.dims if axis != "observation"), *observed.coords)
        variables["observed"] = observed.rename({name: f"observed_{name}" for name in dict.fromkeys(own)})
        content = {name: _eight_bits(array.isel(observation=0)) for name, array in variables.items()}
        for of, found in measures.items():
            for name, values in found.items():
                key = f"{of}_{name}" if of else name
                content[f"measure_{key}"] = xr.DataArray(
                    values,
                    dims=AXES[: values.ndim] if of == OWN else _alone(values.ndim),
                    attrs={"measure": name, "of": of},
                )
        write_dataset(self.path, xr.Dataset(content, attrs=dict(facts)), replace=True)

    def measures(self) -> dict[str, Measures]:
        """`measures_of` all of it; raises `ReadError`."""
        return measures_of(self.dataset())

    def dataset(self) -> xr.Dataset:
        """All of it; raises `ReadError` where the file is damaged."""
        try:
            if not check_seal(self.path, WAY_OUT):
                raise ReadError(f"{self.path} holds no hash of its content: it is damaged, or older. {WAY_OUT}")
            with xr.open_dataset(self.path, engine="h5netcdf") as lazy:
                return lazy.load()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ReadError(f"{self.path} is damaged: {error}. {WAY_OUT}") from error


def measures_of(dataset: xr.Dataset) -> dict[str, Measures]:
    """The measurements of the samples (under the empty name) and of every baseline."""
    found: dict[str, dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]] = {OWN: {}}
    for array in dataset.data_vars.values():
        if "measure" in array.attrs:
            found.setdefault(array.attrs["of"], {})[array.attrs["measure"]] = np.asarray(array.values, dtype=float)
    return dict(found)


def _alone(axes: int) -> tuple[str, ...]:
    """A baseline is one video, whose axis of samples has the length 1."""
    return ("single", *AXES[1:])[:axes]


def _eight_bits(array: xr.DataArray) -> xr.DataArray:
    levels = (array.clip(0, 1) * 255).round().astype("uint8")
    return levels.assign_attrs(array.attrs, scale_factor=1 / 255)
